import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoment } from '../src/moment.ts';
import { type MrkdwnOptions, renderMrkdwn, renderPlain } from '../src/mrkdwn.ts';
import { plainText, VIEW_STYLES, VIEW_TAGS, type ViewNode } from '../src/view.ts';

const reader = { now: new Date('2026-03-02T09:00:00Z'), zone: 'Europe/Berlin' };

/** The nodes in a short notation: `strong(bold)`, with a link as `a[address](label)`. */
function draw(nodes: ViewNode[]): string {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return node;
      const name = node.style ?? node.tag;
      return `${name}${node.link ? `[${node.link}]` : ''}(${draw(node.children)})`;
    })
    .join('');
}

const show = (text: string, options: Partial<MrkdwnOptions> = {}) =>
  draw(renderMrkdwn(text, { ...reader, ...options }));

describe('mrkdwn', () => {
  it.each([
    ['*bold* _italic_ ~gone~', 'strong(bold) em(italic) del(gone)'],
    ['*bold _both_*', 'strong(bold em(both))'],
    ['(*bold*), "_it_".', '(strong(bold)), "em(it)".'],
    ['snake_case_name 2*3*4 a~b~c', 'snake_case_name 2*3*4 a~b~c'],
    ['* not bold * **', '* not bold * **'],
    ['*open', '*open'],
    ['*two\nlines*', '*two\nlines*'],
    ['*a _b* c_', 'strong(a _b) c_'],
    ['`*code* &lt;b&gt;`', 'code(*code* <b>)'],
    ['`` `open', '`` `open'],
    ['```\n*as is*\n```', 'pre(*as is*\n)'],
    ['before\n```x```\nafter', 'beforepre(x)after'],
    ['``` never closed', '``` never closed'],
    ['&gt; quoted\nnot', 'blockquote(quoted)not'],
    ['> a\n> *b*', 'blockquote(a\nstrong(b))'],
    ['x\n&gt;&gt;&gt; all\nof it', 'xblockquote(all\nof it)'],
    ['1 &lt; 2 &amp;&amp; 3 &gt; 2 &quot;', '1 < 2 && 3 > 2 &quot;'],
    ['&amp;lt;', '&lt;'],
    [':tada: :no_such: 10:30:45', '🎉 :no_such: 10:30:45'],
    [':wave::skin-tone-3:', '👋'],
  ])('renders %j', (text, drawn) => {
    // Lines around a quote or a fence end with it.
    expect(show(text).replace(/\n(?=pre|blockquote)/g, '')).toBe(drawn);
  });

  it.each([
    ['<https://a.example/?x=1&amp;y=2|label>', 'a[https://a.example/?x=1&y=2](label)'],
    ['<https://a.example>', 'a[https://a.example/](https://a.example)'],
    ['<mailto:a@b.example|Ann>', 'a[mailto:a@b.example](Ann)'],
    ['see https://a.example/x_y_z.', 'see a[https://a.example/x_y_z](https://a.example/x_y_z).'],
    ['<javascript:alert(1)|click>', '<javascript:alert(1)|click>'],
    ['<data:text/html,x>', '<data:text/html,x>'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['<https://a.example|two\nlines>', '<a[https://a.example/](https://a.example)|two\nlines>'],
  ])('links %j only where it may', (text, drawn) => {
    expect(show(text)).toBe(drawn);
  });

  it.each([
    ['<!here> <!channel> <!everyone>', 'mention(@here) mention(@channel) mention(@everyone)'],
    ['<!here|anything>', 'mention(@here)'],
    ['<@U012AB3CD> <@W1|ann>', 'mention(@U012AB3CD) mention(@ann)'],
    ['<#C012AB3CD|ops>', 'mention(#ops)'],
    ['<!subteam^S1|@oncall>', 'mention(@oncall)'],
    ['`<!channel>`', 'code(mention(@channel))'],
    ['@here', '@here'],
    ['&lt;!channel&gt;', '<!channel>'],
  ])('makes mentions visible: %j', (text, drawn) => {
    expect(show(text)).toBe(drawn);
  });

  it('marks bare names where Slack takes or might take them for mentions', () => {
    expect(show('@here a@here.example', { names: 'yes' })).toBe('mention(@here) a@here.example');
    expect(show('@channel', { names: 'maybe' })).toBe('mention maybe(@channel)');
  });

  it('leaves formatting out where Slack does, but not its control sequences', () => {
    expect(show('*a* :tada: `b` &amp; <!here>', { formatting: false })).toBe('*a* :tada: `b` & mention(@here)');
  });

  it.each([
    ['<!date^1772442000^{date_num} {time_secs}|fallback>', '2026-03-02 10:00:00'],
    ['<!date^1772442000^{date_short_pretty} at {time}|fallback>', 'today at 10:00'],
    ['<!date^1772355600^{date_long_pretty}|fallback>', 'yesterday'],
    ['<!date^1392734382^{date}|fallback>', 'February 18th, 2014'],
    ['<!date^1392734382^{date_long}|fallback>', 'Tuesday, February 18th, 2014'],
    ['<!date^1392734382^{date_short}|fallback>', 'Feb 18, 2014'],
    ['<!date^1772438400^{ago}|fallback>', '1 hour ago'],
    ['<!date^1772442000^{nonsense}|fallback>', 'fallback'],
    ['<!date^soon^{date}|fallback>', 'fallback'],
    ['<!date^9e99^{date}|fallback>', 'fallback'],
  ])('shows the reader’s time: %j', (text, shown) => {
    expect(plainText(renderMrkdwn(text, reader))).toBe(shown);
  });

  it('links a date where asked', () => {
    expect(show('<!date^1392734382^{date_num}^https://a.example/|x>')).toBe('a[https://a.example/](time(2014-02-18))');
  });

  it('makes no link of a bare address where Slack is told to take the text verbatim', () => {
    const text = 'see https://a.example or <https://b.example|there>, *now*';
    expect(show(text, { verbatim: true })).toBe('see https://a.example or a[https://b.example/](there), strong(now)');
  });

  it('knows nothing but emoji and entities in plain text', () => {
    expect(draw(renderPlain('*:fire:* <!here> https://a.example'))).toBe('*🔥* <!here> https://a.example');
    expect(draw(renderPlain(':fire:', false))).toBe(':fire:');
    for (const emoji of [true, false]) {
      expect(draw(renderPlain('R&amp;D: 1 &lt; 2 &amp;lt; &quot;', emoji))).toBe('R&D: 1 < 2 &lt; &quot;');
    }
  });
});

/** Like fast-check's unit "binary", without its table of all characters, which takes most of a second to build. */
const anyCharacter = fc.nat(0x10f7ff).map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

/** Text made mostly of what the parser reacts to. */
const markup = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '*',
        '_',
        '~',
        '`',
        '```',
        '<',
        '>',
        '|',
        '!',
        '@',
        '#',
        ':',
        '&',
        '&lt;',
        '&gt;',
        '\n',
        ' ',
        '^',
      ),
      fc.constantFrom(
        '!here',
        'https://a.example',
        'javascript:',
        'U1',
        'date^1^{date}',
        ':tada:',
        'a',
        'é',
        '\u0000',
        '\ud800',
      ),
      fc.string({ unit: anyCharacter, maxLength: 5 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

const options = fc.record({
  formatting: fc.boolean(),
  names: fc.constantFrom('yes', 'maybe', 'no'),
  now: fc.constant(reader.now),
  zone: fc.constant(reader.zone),
}) satisfies fc.Arbitrary<MrkdwnOptions>;

describe('mrkdwn, whatever the text', () => {
  const all = (nodes: ViewNode[]): Exclude<ViewNode, string>[] =>
    nodes.flatMap((node) => (typeof node === 'string' ? [] : [node, ...all(node.children)]));

  it('becomes only the elements, looks and addresses that a page may have', () => {
    fc.assert(
      fc.property(markup, options, (text, chosen) => {
        for (const { tag, style, link, moment } of all(renderMrkdwn(text, chosen))) {
          expect(VIEW_TAGS).toContain(tag);
          if (style) expect(VIEW_STYLES).toContain(style);
          if (link) expect(link).toMatch(/^(https?|mailto):/);
          if (moment) expect(new Date(moment).toISOString()).toBe(moment);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('loses no letter of text that has nothing special in it', () => {
    const special = /[*_~`<>&:@\n]|https?:/g;
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), options, (text, chosen) => {
        const dull = text.replace(special, ' ');
        expect(renderMrkdwn(dull, chosen)).toEqual(dull === '' ? [] : [dull]);
      }),
    );
  });

  it('shows escaped text as it was, whatever is in it', () => {
    const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    fc.assert(
      fc.property(markup, (text) => {
        const nodes = renderMrkdwn(escaped(text), { ...reader, formatting: false });
        expect(nodes).toEqual(text === '' ? [] : [text]);
      }),
      { numRuns: 500 },
    );
  });

  it('takes time in proportion to its length', () => {
    const seeds = [
      '<',
      '`',
      '*a ',
      ' *a',
      '_*~',
      ':a',
      '&',
      '> a\nb\n',
      '<a|',
      '```',
      '@here',
      'https://a ',
      '<!date^1^{',
    ];
    for (const seed of seeds) {
      const text = seed.repeat(Math.ceil(100_000 / seed.length));
      const start = performance.now();
      renderMrkdwn(text, { ...reader, names: 'yes' });
      expect(performance.now() - start, seed).toBeLessThan(1_500);
    }
  });
});

describe('moments', () => {
  it('follow the reader’s zone over midnight', () => {
    const moment = new Date('2026-03-01T23:30:00Z');
    expect(formatMoment(moment, '{date_pretty} {time}', reader)).toBe('today 00:30');
    expect(formatMoment(moment, '{date_pretty} {time}', { ...reader, zone: 'UTC' })).toBe('yesterday 23:30');
  });

  it.each([
    ['2026-01-01', '1st'],
    ['2026-01-02', '2nd'],
    ['2026-01-03', '3rd'],
    ['2026-01-11', '11th'],
    ['2026-01-22', '22nd'],
  ])('count days: %s', (day, ordinal) => {
    expect(formatMoment(new Date(`${day}T12:00:00Z`), '{date}', reader)).toBe(`January ${ordinal}, 2026`);
  });
});
