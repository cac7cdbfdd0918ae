import { describe, expect, it } from 'vitest';
import {
  layerOf,
  type MediumName,
  mediumNames,
  overlay,
  readTemplateName,
  renderNotification,
  type SourceTemplates,
  standardNotifications,
  standardNow,
  standardTemplates,
  templateFor,
  textsOf,
} from '../src/index.ts';

const layer = (templates: Record<string, string>, place = 'here') =>
  layerOf(Object.entries(templates).map(([name, source]) => ({ name, file: `${place}/${name}`, source })));

function rendered(templates: SourceTemplates, medium: MediumName, name: keyof typeof standardNotifications = 'firing') {
  const problems: string[] = [];
  const options = { now: standardNow, onProblem: (error: Error) => problems.push(error.message) };
  const shown = renderNotification(standardNotifications[name], templates, { medium, limits: {} }, options);
  return { ...shown, problems };
}

describe('the names of templates', () => {
  it.each([
    ['title', { field: 'title' }],
    ['message.slack', { field: 'message', medium: 'slack' }],
    ['layout', { field: 'layout' }],
    ['layout.sms', { field: 'layout', medium: 'sms' }],
  ])('%s', (name, known) => expect(readTemplateName(name)).toEqual(known));

  it.each(['', 'titel', 'title.', 'title.slak', 'title.slack.sms', 'constructor', '.title', 'title.hbs'])(
    'not %j',
    (name) => expect(readTemplateName(name)).toBeUndefined(),
  );
});

describe('templates of several places', () => {
  const base: SourceTemplates = overlay(
    standardTemplates,
    layer({ title: 'base', 'title.slack': 'base slack', 'message.sms': 'base sms' }, 'base'),
  );
  const winner = (templates: SourceTemplates, field: 'title' | 'message', medium: MediumName) =>
    templateFor(templates, field, medium)?.file;

  it('win field by field', () => {
    const both = overlay(base, layer({ message: 'm' }));
    expect(winner(both, 'message', 'text')).toBe('here/message');
    expect(winner(both, 'title', 'text')).toBe('base/title');
  });

  it('win for the one medium that they name', () => {
    const both = overlay(base, layer({ 'title.sms': 't' }));
    expect(winner(both, 'title', 'sms')).toBe('here/title.sms');
    expect(winner(both, 'title', 'slack')).toBe('base/title.slack');
    expect(winner(both, 'title', 'text')).toBe('base/title');
  });

  it('win in every medium with a plain field, over what the less specific place says for one', () => {
    const both = overlay(base, layer({ title: 't' }));
    for (const medium of mediumNames) expect(winner(both, 'title', medium)).toBe('here/title');
    expect(winner(both, 'message', 'sms')).toBe('base/message.sms');
  });

  it('have both, the plain field and that of a medium', () => {
    const both = overlay(base, layer({ title: 't', 'title.slack': 's' }));
    expect(winner(both, 'title', 'slack')).toBe('here/title.slack');
    expect(winner(both, 'title', 'text')).toBe('here/title');
  });

  it('leave those below as they were', () => {
    overlay(base, layer({ title: 't', 'title.slack': 's', message: 'm' }));
    expect(winner(base, 'title', 'slack')).toBe('base/title.slack');
    expect(winner(base, 'message', 'sms')).toBe('base/message.sms');
  });

  it('come back from their texts', () => {
    const texts = textsOf(base);
    expect(texts.map(({ name }) => name)).toEqual(['title', 'message', 'link', 'image', 'title.slack', 'message.sms']);
    expect(textsOf(layerOf(texts))).toEqual(texts);
  });
});

describe('a layout', () => {
  const around = (layout: string) => overlay(standardTemplates, layer({ layout }));

  it.each(mediumNames)('of the message alone changes nothing in %s', (medium) => {
    for (const name of Object.keys(standardNotifications) as (keyof typeof standardNotifications)[]) {
      const { message, problems } = rendered(around('{{message}}\n'), medium, name);
      expect(message).toBe(rendered(standardTemplates, medium, name).message);
      expect(problems).toEqual([]);
    }
  });

  it('stands around the message, whose markup stays', () => {
    const { message } = rendered(around('**Team A**\n{{message}}\nOn call: _{{alert.labels.host}}_'), 'slack');
    const inner = rendered(standardTemplates, 'slack').message;
    expect(inner).toContain('*97%*');
    expect(message).toBe(`*Team A*\n\n${inner}\n\nOn call: _db-1_`);
  });

  it('may quote it, and say it for one alert more', () => {
    const { message } = rendered(around('> {{message}}\n\n- {{#if message}}{{@root.message}}{{/if}}'), 'html');
    expect(message.match(/<strong>97%<\/strong>/g)).toHaveLength(2);
    expect(message).toMatch(/^<blockquote>.*<\/blockquote>\s*<ul>/s);
  });

  it('shows it as plain text within a line', () => {
    const { message } = rendered(around('Says: {{message}} and no more'), 'slack');
    expect(message).toContain('Says: At the present rate');
    expect(message).toContain('Used: 97%');
    expect(message).not.toContain('*97%*');
  });

  it.each(mediumNames)('treats a message within a line as the media treat any value, in %s', (medium) => {
    const told = standardNotifications.hostile;
    const text = rendered(standardTemplates, 'text', 'hostile').message;
    const alert = { ...told.alert, data: { text } };
    for (const line of [
      'Says {{}}.',
      '**Says** {{}}',
      '{{}} **ends**',
      '`{{}}`',
      '[{{}}](https://example.com/{{}})',
      '# {{}}',
      '```\n{{}}\n```',
    ]) {
      const direct = overlay(standardTemplates, layer({ message: line.replaceAll('{{}}', '{{payload.text}}') }));
      const { message, problems } = rendered(around(line.replaceAll('{{}}', '{{message}}')), medium, 'hostile');
      const options = { now: standardNow };
      const input = { ...told, alert, alerts: [alert] };
      expect(message).toBe(renderNotification(input, direct, { medium, limits: {} }, options).message);
      expect(problems).toEqual([]);
    }
  });

  it('takes nothing else of the same words for the message', () => {
    const same = overlay(
      standardTemplates,
      layer({ message: '**{{payload.summary}}**', layout: '{{payload.summary}}' }),
    );
    expect(rendered(same, 'slack').message).toBe('/var on db-1 is 97 % full');
  });

  it('for one medium is for that one', () => {
    const both = overlay(standardTemplates, layer({ layout: 'A\n\n{{message}}', 'layout.sms': 'B {{message}}' }));
    expect(rendered(both, 'text').message).toMatch(/^A\n\nAt the/);
    expect(rendered(both, 'sms').message).toMatch(/^B At the/);
  });

  it('that fails leaves the message without it, and says so', () => {
    const { message, problems } = rendered(around(`${'x'.repeat(20_000)}{{message}}`), 'text');
    expect(message).toBe(rendered(standardTemplates, 'text').message);
    expect(problems).toEqual([expect.stringContaining('here/layout')]);
  });

  it('stands around the default too, where the message fails', () => {
    const broken = overlay(around('Team A\n\n{{message}}'), layer({ message: 'x'.repeat(20_000) }));
    expect(rendered(broken, 'text').message).toMatch(/^Team A\n\n- alertname: DiskFull/);
  });
});
