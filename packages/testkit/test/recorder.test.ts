import { z } from '@tocsin/core';
import { describe, expect, test } from 'vitest';
import { mutantsOf, pathText } from '../src/mutants.ts';
import { Recorder } from '../src/recorder.ts';

function pathsRead(value: unknown, read: (watched: never) => unknown): string[] {
  const recorder = new Recorder();
  read(recorder.watch(value) as never);
  return recorder.paths.map(pathText);
}

describe('a recorder notes', () => {
  const value = { host: { name: 'db-1', ip: '10.0.0.1' }, tags: ['a', 'b'], port: 5432 };
  type Value = typeof value & { owner?: string };

  test.each<[string, (watched: Value) => unknown, string[]]>([
    ['a field and what leads to it', ({ host }) => host.name, ['host', 'host.name']],
    ['a field that is missing', ({ owner }) => owner, ['owner']],
    ['elements', ({ tags }) => tags.map((tag) => tag), ['tags', 'tags[0]', 'tags[1]']],
    [
      'what is copied, and read in the copy',
      (watched) => ({ ...watched }).host.ip,
      ['host', 'tags', 'port', 'host.ip'],
    ],
    ['a look without a reading', (watched) => Object.hasOwn(watched, 'port'), ['port']],
    ['how a template reads', ({ host }) => Object.getOwnPropertyDescriptor(host, 'ip')?.value, ['host', 'host.ip']],
    ['what a schema reads', (watched) => z.object({ port: z.number() }).parse(watched), ['port']],
    ['nothing that every object has', (watched) => [watched.toString, Array.isArray(watched.tags)], ['tags']],
  ])('%s', (_, read, paths) => {
    expect(pathsRead(value, read)).toEqual(paths);
  });

  test('the same value as it is', () => {
    expect(new Recorder().watch(value)).toEqual(value);
  });
});

describe('the mutants of a field', () => {
  const body = { alerts: [{ name: 'a' }, { name: 'b' }] };
  const named = (path: (string | number)[]) =>
    Object.fromEntries([...mutantsOf(body, [path])].map(({ name, body }) => [name, body]));

  test('differ from the payload there and nowhere else, and leave it as it was', () => {
    const before = structuredClone(body);
    const mutants = named(['alerts', 1, 'name']);
    expect(mutants['alerts[1].name missing']).toEqual({ alerts: [{ name: 'a' }, {}] });
    expect(mutants['alerts[1].name as null']).toEqual({ alerts: [{ name: 'a' }, { name: null }] });
    expect(mutants['alerts[1].name empty']).toEqual({ alerts: [{ name: 'a' }, { name: '' }] });
    expect(mutants['alerts[1].name as a number']).toEqual({ alerts: [{ name: 'a' }, { name: 42 }] });
    expect(body).toEqual(before);
  });

  test('are large, and hostile', () => {
    const sizes = Object.entries(named(['alerts', 1, 'name'])).filter(([name]) => name.includes('100 kB'));
    expect(sizes).toHaveLength(2);
    for (const [, mutant] of sizes) expect(JSON.stringify(mutant).length).toBeGreaterThan(99_000);
    expect(JSON.stringify(named(['alerts', 1, 'name'])['alerts[1].name hostile'])).toContain('<!channel>');
  });

  test('of a list and of an object are lists and objects of other sizes', () => {
    expect(named(['alerts'])['alerts as an empty list']).toEqual({ alerts: [] });
    expect(named(['alerts', 0])['alerts[0] missing']).toEqual({ alerts: [{ name: 'b' }] });
    expect(JSON.stringify(named(['alerts', 0])['alerts[0] of 100 kB']).length).toBeGreaterThan(90_000);
  });

  test('of what is missing are something', () => {
    const mutants = named(['alerts', 0, 'owner']);
    expect(mutants['alerts[0].owner missing']).toBeUndefined();
    expect(mutants['alerts[0].owner as null']).toEqual({ alerts: [{ name: 'a', owner: null }, { name: 'b' }] });
  });
});
