import { type Guess, guessAbout } from './draft/guess.ts';

/** Something that only a person knows, and where it stands. */
export interface ChecklistEntry {
  file: string;
  line: number;
  says: string;
}

/** The guesses with their lines; those about what isn't in the files are left out. */
export function checklistOf(files: ReadonlyMap<string, string>, guesses: readonly Guess[]): ChecklistEntry[] {
  return guesses.flatMap(({ file, near, says }) => {
    const text = files.get(file);
    const at = text === undefined ? -1 : positionOf(text, near);
    return text === undefined || at < 0 ? [] : [{ file, line: text.slice(0, at).split('\n').length, says }];
  });
}

/** What no payload tells of a product, in the files of every new integration. */
export function commonGuesses(files: ReadonlyMap<string, string>, given: { title: boolean; docs: boolean }): Guess[] {
  const expected = [...files.keys()].filter((file) => file.endsWith('.expected.json'));
  return [
    ...(given.title ? [] : [guessAbout('title', "The vendor's own name of the product.")]),
    guessAbout('summary', 'One line for the list of integrations.'),
    ...(given.docs ? [] : [guessAbout('docs', "The vendor's page about it, an https address.")]),
    ...expected.map((file) => ({ file, near: ['"origin"'], says: aboutOrigin(files.get(file) ?? '') })),
    { file: 'howto.html', near: ['<li>'], says: 'The steps as people see them in the product.' },
  ];
}

function aboutOrigin(text: string): string {
  return text.includes('"captured"')
    ? 'It was captured. Which product sent it, and which version of it?'
    : 'Where it is from: "captured" from the real product, with its version, or "documented" on a page of the vendor.';
}

/** Of the last of the texts, each looked for behind the one before; -1 if one is missing. */
function positionOf(text: string, near: readonly string[]): number {
  return near.reduce((from, wanted) => (from < 0 ? from : text.indexOf(wanted, from)), 0);
}
