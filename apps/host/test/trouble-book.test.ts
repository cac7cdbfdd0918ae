import { expect, test } from 'vitest';
import { quietFor, spacing, TroubleBook } from '../src/troubles/book.ts';

// When troubles are told, on a clock of its own.

const deaf = { kind: 'rejected-requests', subject: 'prod' } as const;
const minute = 60_000;

/** What the book tells at a time, as `firing 3` or `resolved 3 (why)`. */
function toldBy(book: TroubleBook, now: number, isLast?: boolean): string[] {
  return book.take(now, isLast).map(({ status, count, closed }) => {
    return `${status} ${count}${closed === undefined ? '' : ` (${closed})`}`;
  });
}

test('A trouble is told at once, and then a minute apart with how often it happened', () => {
  const book = new TroubleBook();
  book.raise(deaf, 0);
  book.raise(deaf, 0);
  expect(toldBy(book, 0)).toEqual(['firing 2']);
  for (let second = 1; second < 60; second++) {
    book.raise(deaf, second * 1000);
    expect(toldBy(book, second * 1000)).toEqual([]);
  }
  expect(book.due).toBe(spacing);
  expect(toldBy(book, spacing)).toEqual(['firing 61']);
  expect(toldBy(book, 5 * minute)).toEqual([]);
});

test('It ends at once when it goes well, with how often it happened', () => {
  const book = new TroubleBook();
  book.raise(deaf, 0);
  toldBy(book, 0);
  book.raise(deaf, 1);
  expect(book.end('rejected-requests', 'other', 2)).toBe(false);
  expect(book.end('rejected-requests', 'prod', 2)).toBe(true);
  expect(book.end('rejected-requests', 'prod', 3)).toBe(false);
  expect(toldBy(book, 2)).toEqual(['resolved 2']);
  expect(toldBy(book, 2)).toEqual([]);
});

test('One that ended before it could be told is told with its end', () => {
  const book = new TroubleBook();
  book.raise(deaf, 0);
  book.end('rejected-requests', 'prod', 1);
  expect(toldBy(book, 1)).toEqual(['firing 1', 'resolved 1']);
});

test('One that comes back soon is told a minute apart, and ends only when it was quiet', () => {
  const book = new TroubleBook();
  book.raise(deaf, 0);
  toldBy(book, 0);
  book.end('rejected-requests', 'prod', 1000);
  toldBy(book, 1000);
  book.raise(deaf, 2000);
  expect(book.end('rejected-requests', 'prod', 3000)).toBe(false);
  expect(toldBy(book, 3000)).toEqual([]);
  expect(toldBy(book, spacing)).toEqual(['firing 1']);
  expect(toldBy(book, 2000 + quietFor - 1)).toEqual([]);
  expect(toldBy(book, 2000 + quietFor)).toEqual(['resolved 1 (not again for 1 h)']);
});

test('One that is over for long is forgotten, and is another one when it comes back', () => {
  const book = new TroubleBook();
  book.raise(deaf, 0);
  toldBy(book, 0);
  book.end('rejected-requests', 'prod', 1000);
  toldBy(book, 1000);
  expect(book.due).toBe(1000 + quietFor);
  expect(toldBy(book, 1000 + quietFor)).toEqual([]);
  expect(book.due).toBeUndefined();
  book.raise(deaf, 2 * quietFor);
  expect(toldBy(book, 2 * quietFor)).toEqual(['firing 1']);
  expect(book.end('rejected-requests', 'prod', 2 * quietFor)).toBe(true);
});

test('What an earlier process told goes on, and ends where it can no longer happen', () => {
  const book = new TroubleBook();
  book.adopt({ ...deaf, since: 0, count: 7 }, minute);
  book.adopt({ kind: 'dead-deliveries', subject: 'gone', since: 0, count: 2 }, minute, 'no longer configured');
  expect(toldBy(book, minute)).toEqual(['resolved 2 (no longer configured)']);
  book.raise(deaf, minute);
  expect(book.take(minute)).toMatchObject([{ status: 'firing', count: 8, since: 0 }]);
  book.end('rejected-requests', 'prod', minute);
  expect(toldBy(book, minute)).toEqual(['resolved 8']);
});

test('At the end whatever has not been told is told, and nothing else', () => {
  const book = new TroubleBook();
  book.raise(deaf, 0);
  book.raise({ kind: 'failed-templates', subject: 'prod' }, 0);
  toldBy(book, 0);
  book.raise(deaf, 1000);
  expect(toldBy(book, 1000, true)).toEqual(['firing 2']);
});
