/** A fenced block of a guide. */
export interface Fence {
  /** `sh`, `yaml`, …; empty where none is given. */
  language: string;
  /** What follows the language: the file that the block is the content of. */
  file: string;
  content: string;
  /** Of the opening fence, from 1. */
  line: number;
}

/** The fenced blocks of a Markdown text, in their order; those in lists without their indentation. */
export function fencesOf(markdown: string): Fence[] {
  const fences: Fence[] = [];
  let open: { fence: Fence; mark: string; indent: string } | undefined;
  for (const [index, text] of markdown.split('\n').entries()) {
    const [, indent = '', mark = '', language = '', file = ''] = fenceLine.exec(text) ?? [];
    if (open && mark === open.mark && language === '') {
      fences.push(open.fence);
      open = undefined;
    } else if (open) {
      open.fence.content += `${text.startsWith(open.indent) ? text.slice(open.indent.length) : text}\n`;
    } else if (mark !== '') {
      open = { fence: { language, file, content: '', line: index + 1 }, mark, indent };
    }
  }
  return fences;
}

const fenceLine = /^( *)(`{3,})([\w-]*) *(.*)$/;

/** The targets of all links and pictures outside of fences and code, each with its line. */
export function linksOf(markdown: string): { target: string; line: number }[] {
  return withoutFences(markdown)
    .split('\n')
    .flatMap((text, index) =>
      [...text.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({
        target,
        line: index + 1,
      })),
    );
}

/** What GitHub calls the headings: `## Health and start` is `#health-and-start`. */
export function anchorsOf(markdown: string): string[] {
  return [...withoutFences(markdown).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The text with what stands between `<!-- table: <name> -->` and `<!-- end -->` replaced. Throws for an unknown name. */
export function withTables(markdown: string, tables: Readonly<Record<string, () => string>>): string {
  return markdown.replace(/(<!-- table: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, start, name, end) => {
    const table = Object.hasOwn(tables, name) ? tables[name] : undefined;
    if (!table) throw new Error(`there is no table ${name}; there are ${Object.keys(tables).join(', ')}`);
    return `${start}\n${table()}\n\n${end}`;
  });
}

/** A Markdown table; cells are Markdown, except that `|` and line breaks may stand in them. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

/** A piece of code in a line, whatever backticks it has itself. */
export function codeOf(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  return longest > 0 ? `${marks} ${text} ${marks}` : `${marks}${text}${marks}`;
}

/** The same number of lines, with those of fenced blocks empty. */
function withoutFences(markdown: string): string {
  let mark = '';
  return markdown
    .split('\n')
    .map((text) => {
      const fence = fenceLine.exec(text)?.[2] ?? '';
      const isInside = mark !== '' || fence !== '';
      if (mark === '') mark = fence;
      else if (fence === mark) mark = '';
      return isInside ? '' : text;
    })
    .join('\n');
}
