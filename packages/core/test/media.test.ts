import { describe, expect, it } from 'vitest';
import { TocsinError } from '../src/errors.ts';
import { media, mediumOf } from '../src/media/media.ts';
import type { MarkdownRoot } from '../src/media/tree.ts';
import { parseTemplate } from '../src/template/template.ts';

const source = `## {{alert.name}} is {{status}}

**{{alert.name}}** on \`{{alert.host}}\`:
{{alert.summary}}

- _Since_ 10:00
- Value 95 %
  - was 80 %

1. Look
2. Act

> {{alert.comment}}

\`\`\`
{{alert.output}}
\`\`\`

***

[Runbook]({{alert.runbook}}), [mail](mailto:ops@example.com), <https://a.example/>`;

const context = {
  status: 'firing',
  alert: {
    name: 'Disk *full* & <hot>',
    host: 'web_1',
    summary: '/dev/sda1 is at 95%\n@channel [look](http://evil.example)',
    comment: 'first\nsecond',
    output: '$ df\n`a` < b',
    runbook: 'https://runbooks.example/disk?a=1&b=2|3',
  },
};

const tree = parseTemplate(source, { file: 'message.hbs' }).renderMarkdown(context);

describe('a whole message', () => {
  it('in markdown', () => {
    expect(media.markdown.message(tree)).toBe(`## Disk \\*full\\* & \\<hot\\> is firing

**Disk \\*full\\* & \\<hot\\>** on \`web_1\`:\\
/dev/sda1 is at 95%\\
﹫channel \\[look\\](http://evil.example)

- _Since_ 10:00
- Value 95 %
  - was 80 %

1. Look
2. Act

> first\\
> second

\`\`\`
$ df
\`a\` < b
\`\`\`

***

[Runbook](https://runbooks.example/disk?a=1&amp;b=2%7c3), [mail](mailto:ops@example.com), [https://a.example/](https://a.example/)`);
  });

  it('in slack', () => {
    expect(media.slack.message(tree)).toBe(`*Disk ∗full∗ &amp; &lt;hot&gt; is firing*

*Disk ∗full∗ &amp; &lt;hot&gt;* on \`web_1\`:
/dev/sda1 is at 95%
﹫channel [look](http://evil.example)

• _Since_ 10:00
• Value 95 %
  • was 80 %

1. Look
2. Act

> first
> second

\`\`\`
$ df
\`a\` &lt; b
\`\`\`

──────────

<https://runbooks.example/disk?a=1&amp;b=2%7C3|Runbook>, <mailto:ops@example.com|mail>, <https://a.example/>`);
  });

  it('in html', () => {
    expect(media.html.message(tree).replace(/(?=<(?:h\d|p|[uo]l|blockquote|pre|hr)>)/g, '\n')).toBe(`
<h2>Disk *full* &amp; &lt;hot&gt; is firing</h2>
<p><strong>Disk *full* &amp; &lt;hot&gt;</strong> on <code>web_1</code>:<br>/dev/sda1 is at 95%<br>@channel [look](http://evil.example)</p>
<ul><li><em>Since</em> 10:00</li><li>Value 95 %
<ul><li>was 80 %</li></ul></li></ul>
<ol><li>Look</li><li>Act</li></ol>
<blockquote>
<p>first<br>second</p></blockquote>
<pre><code>$ df\n\`a\` &lt; b</code></pre>
<hr>
<p><a href="https://runbooks.example/disk?a=1&amp;b=2|3" rel="noopener noreferrer">Runbook</a>, <a href="mailto:ops@example.com" rel="noopener noreferrer">mail</a>, <a href="https://a.example/" rel="noopener noreferrer">https://a.example/</a></p>`);
  });

  it('in text', () => {
    expect(media.text.message(tree)).toBe(`Disk *full* & <hot> is firing

Disk *full* & <hot> on web_1:
/dev/sda1 is at 95%
@channel [look](http://evil.example)

- Since 10:00
- Value 95 %
  - was 80 %

1. Look
2. Act

> first
> second

$ df
\`a\` < b

---

Runbook (https://runbooks.example/disk?a=1&b=2|3), mail (ops@example.com), https://a.example/`);
  });

  it('in telegram', () => {
    expect(media.telegram.message(tree)).toBe(`<b>Disk *full* &amp; &lt;hot&gt; is firing</b>

<b>Disk *full* &amp; &lt;hot&gt;</b> on <code>web_1</code>:
/dev/sda1 is at 95%
﹫channel [look](http://evil.example)

• <i>Since</i> 10:00
• Value 95 %
  • was 80 %

1. Look
2. Act

<blockquote>first
second</blockquote>

<pre>$ df
\`a\` &lt; b</pre>

──────────

<a href="https://runbooks.example/disk?a=1&amp;b=2|3">Runbook</a>, mail (ops@example.com), <a href="https://a.example/">https://a.example/</a>`);
  });

  it('in discord', () => {
    expect(media.discord.message(tree)).toBe(`## Disk \\*full\\* & \\<hot\\> is firing

**Disk \\*full\\* & \\<hot\\>** on \`web_1\`:
/dev/sda1 is at 95%
﹫channel \\[look\\](http://evil.example)

- _Since_ 10:00
- Value 95 %
  - was 80 %

1. Look
2. Act

> first
> second

\`\`\`
$ df
\`a\` < b
\`\`\`

──────────

[Runbook](https://runbooks.example/disk?a=1&b=2%7c3), mail (ops@example.com), <https://a.example/>`);
  });

  it('in teams', () => {
    expect(media.teams.message(tree)).toBe(`**Disk ∗full∗ & ‹hot> is firing**

**Disk ∗full∗ & ‹hot>** on web_1:

/dev/sda1 is at 95%

@channel [look］(http://evil.example)

- _Since_ 10:00
- Value 95 %
  - was 80 %

1. Look
2. Act

› first

› second

$ df

ˋaˋ < b

──────────

[Runbook](https://runbooks.example/disk?a=1&b=2|3), [mail](mailto:ops@example.com), [https://a.example/](https://a.example/)`);
  });

  it('in sms', () => {
    expect(media.sms.message(tree)).toBe(`Disk *full* & <hot> is firing
Disk *full* & <hot> on web_1:
/dev/sda1 is at 95%
@channel [look](http://evil.example)
- Since 10:00
- Value 95 %
  - was 80 %
1. Look
2. Act
first
second
$ df
'a' < b`);
  });

  it('in speech', () => {
    expect(media.speech.message(tree)).toBe(
      `Disk full and hot is firing. Disk full and hot on web 1. dev sda1 is at 95 percent. channel look, a link to evil.example. Since 10:00. Value 95 percent. was 80 percent. Look. Act. first. second. df. a b.`,
    );
  });
});

describe('slack', () => {
  const slack = (markdown: string, x = '') =>
    media.slack.message(parseTemplate(markdown, { file: 'x.hbs' }).renderMarkdown({ x }));

  it.each([
    [
      '<!channel> <@U012AB3CD> <#C0123> <!subteam^S01>',
      '&lt;!channel&gt; &lt;﹫U012AB3CD&gt; &lt;#C0123&gt; &lt;!subteam^S01&gt;',
    ],
    ['@here @Channel, (@everyone) a@group', '﹫here ﹫Channel, (﹫everyone) a﹫group'],
    ['@bob ops@example.com 5 @ 3', '﹫bob ops@example.com 5 @ 3'],
    ['*bold* ~gone~ `code`', '∗bold∗ ∼gone∼ ˋcodeˋ'],
    ['snake_case __init__ _it_ a_', 'snake_case ˍˍinitˍˍ ˍitˍ aˍ'],
    ['＊bold＊ ＿it＿', '﹡bold﹡ ⸏it⸏'],
    ['> quote', '› quote'],
    ['＞ quote', '› quote'],
    ['a\n>b > c', 'a\n›b &gt; c'],
    ['&lt; &amp;', '&amp;lt; &amp;amp;'],
  ])('shows %j as %j', (x, shown) => {
    expect(slack('{{x}}', x)).toBe(shown);
  });

  it.each([
    ['{{x}}**a**', 'x', 'xa'],
    ['**a**{{x}}', 'x', 'ax'],
    ['**a**{{x}}', '(', 'a('],
    ['**a**{{x}}', ':', '*a*:'],
    ['**{{x}}**', 'a\nb', 'a\nb'],
    ['**{{x}}** b', ' a ', '*a*  b'],
    ['_{{x}}_', 'my_var', 'my_var'],
    ['**a `{{x}}`**', '*', 'a `*`'],
    ['# a **b**', '', '*a b*'],
    ['`{{x}}`', '``a` @here', '`ˋˋaˋ ﹫here`'],
    ['```\n{{x}}\n```', '```\n<b> `c` @here', '```\nˋˋˋ\n&lt;b&gt; `c` ﹫here\n```'],
    ['[{{x}}](https://a.example/|b)', '*a*|>', '<https://a.example/%7Cb|∗a∗∣&gt;>'],
  ])('writes markers only where Slack reads them: %j with %j', (markdown, x, shown) => {
    expect(slack(markdown, x)).toBe(shown);
  });
});

describe('markdown', () => {
  it.each([
    ['{{x}}', '1. a', '1\\. a'],
    ['{{x}}', '- a', '\\- a'],
    ['{{x}}', '+', '\\+'],
    ['{{x}}', 'a\n===', 'a\\\n\\==='],
    ['{{x}}', 'a\n\n    b', 'a\\\n\\\n&#32;   b'],
    ['{{x}}', 'a |b| ~~c~~ #1', 'a \\|b\\| \\~\\~c\\~\\~ \\#1'],
    ['{{x}}', '&copy; & R&D', '\\&copy; & R\\&D'],
    ['{{x}}', 'snake_case _it_', 'snake_case \\_it\\_'],
    ['{{x}}[a](https://a.example/)', 'Look!', 'Look\\![a](https://a.example/)'],
    ['{{x}}**a**', '!', '\\!**a**'],
    ['{{x}}**a**', 'b', 'b**a**'],
    ['**{{x}}**a', '(b)', '(b)a'],
    ['*{{x}}*a', 'b', 'ba'],
    ['`{{x}}`', 'a`b', '``a`b``'],
    ['`{{x}}`', '`a', '`` `a ``'],
    ['```\n{{x}}\n```', '````\na', '`````\n````\na\n`````'],
    ['```{{x}}\na\n```', 'js', '```\na\n```'],
  ])('writes %j with %j as %j', (markdown, x, written) => {
    const tree = parseTemplate(markdown, { file: 'x.hbs' }).renderMarkdown({ x });
    expect(media.markdown.message(tree)).toBe(written);
  });
});

describe('a line', () => {
  it('is one line, clean and escaped', () => {
    const title = ' Disk\r\n*full*\u0000 \u202E<b>\u2028 @here ';
    expect(media.text.line(title)).toBe('Disk *full*� <b> @here');
    expect(media.html.line(title)).toBe('Disk *full*� &lt;b&gt; @here');
    expect(media.slack.line(title)).toBe('Disk ∗full∗� &lt;b&gt; ﹫here');
    expect(media.markdown.line(title)).toBe('Disk \\*full\\*� \\<b\\> ﹫here');
    expect(media.markdown.line('1. - a')).toBe('1\\. - a');
  });

  it('can be cut', () => {
    expect(media.text.line('Disk is full', 8)).toBe('Disk is…');
    expect(media.text.line('Disk is full', 12)).toBe('Disk is full');
    expect(media.text.line('Disk is full', 6)).toBe('Disk…');
    expect(media.html.line('<<<<', 9)).toBe('&lt;&lt;…');
    expect(media.text.line('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 21)).toBe('👩‍👩‍👧‍👦…');
    expect(media.text.line('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 11)).toBe('…');
    expect(media.text.line('abc', 1)).toBe('…');
    expect(media.text.line('abc', 0)).toBe('');
    expect(media.text.line('', 1)).toBe('');
  });
});

describe('a cut', () => {
  const cut = (markdown: string, medium: keyof typeof media, limit: number) =>
    media[medium].message(parseTemplate(markdown, { file: 'x.hbs' }).renderMarkdown({}), limit);

  it('closes what is open', () => {
    expect(cut('**abcdef ghi**', 'html', 30)).toBe('<p><strong>abcde…</strong></p>');
    expect(cut('**abcdef ghi**', 'slack', 9)).toBe('*abcdef…*');
    expect(cut('- a\n- b **cdef** g', 'markdown', 15)).toBe('- a\n- b **cd…**');
    expect(cut('```\nabcdef\nghi\n```', 'slack', 15)).toBe('```\nabcdef…\n```');
    expect(cut('`abcdef` ghi', 'markdown', 6)).toBe('`abc…`');
  });

  it('leaves out a link of which nothing can be shown, and never breaks one', () => {
    const link = 'see [the runbook](https://a.example/runbook) now';
    expect(cut(link, 'slack', 45)).toBe('see <https://a.example/runbook|the runbook>…');
    expect(cut(link, 'slack', 40)).toBe('see <https://a.example/runbook|the run…>');
    expect(cut(link, 'slack', 20)).toBe('see …');
    expect(cut(link, 'html', 20)).toBe('<p>see …</p>');
  });

  it('never breaks an entity', () => {
    for (let limit = 1; limit < 40; limit++) {
      expect(cut('a & < > b & c', 'html', limit)).toMatch(/^(?:<p>(?:[^&<>]|&(?:amp|lt|gt);)*<\/p>|…)$/);
    }
  });

  it('is a bare ellipsis where not even a tag fits', () => {
    expect(cut('abc', 'html', 7)).toBe('…');
    expect(cut('```\nabc\n```', 'slack', 3)).toBe('…');
  });

  it('keeps a text that is itself an ellipsis', () => {
    expect(cut('`…` b', 'slack', 5)).toBe('`…` b');
  });
});

describe('adjacent blocks', () => {
  it('stay apart in markdown', () => {
    const lists: MarkdownRoot = {
      type: 'root',
      children: ['a', 'b', 'c'].map((value) => ({
        type: 'list',
        ordered: false,
        children: [{ type: 'listItem', children: [{ type: 'paragraph', children: [{ type: 'text', value }] }] }],
      })),
    };
    expect(media.markdown.message(lists)).toBe('- a\n\n+ b\n\n- c');
  });
});

describe('mediumOf', () => {
  it('knows the media that there are', () => {
    for (const medium of Object.values(media)) expect(mediumOf(medium.name)).toBe(medium);
  });

  it('names them where one is not known', () => {
    const remedy = 'Use one of markdown, slack, html, telegram, teams, discord, text, sms, speech.';
    expect(() => mediumOf('fax')).toThrow(expect.objectContaining({ code: 'not-found', remedy }));
    expect(() => mediumOf('toString')).toThrow(TocsinError);
  });
});
