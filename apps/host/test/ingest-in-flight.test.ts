import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { InFlight } from '../src/ingest/in-flight.ts';

const mebibyte = 1024 * 1024;

/** As much of a request as is looked at. */
function request(headers: Record<string, string>): FastifyRequest {
  return { method: 'POST', headers, bodyRoom: 0 } as unknown as FastifyRequest;
}

test('Bodies under way are bounded over all connections, and give their room back', () => {
  const inFlight = new InFlight();
  const taken = Array.from({ length: 128 }, () => request({ 'content-length': String(mebibyte) }));
  expect(taken.every((one) => inFlight.take(one))).toBe(true);
  expect(inFlight.take(request({ 'content-length': '1' }))).toBe(false);
  inFlight.release(taken[0] as FastifyRequest);
  // An abort and a response may both be heard of: the room is given back once.
  inFlight.release(taken[0] as FastifyRequest);
  expect(inFlight.take(request({ 'content-length': String(mebibyte) }))).toBe(true);
  expect(inFlight.take(request({ 'content-length': '1' }))).toBe(false);
});

test('A body of unknown size counts as the largest one', () => {
  const inFlight = new InFlight();
  for (let count = 0; count < 128; count++)
    expect(inFlight.take(request({ 'transfer-encoding': 'chunked' }))).toBe(true);
  expect(inFlight.take(request({}))).toBe(false);
});
