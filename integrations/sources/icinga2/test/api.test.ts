import { formatRequest, type HttpResponse, TocsinError } from '@tocsin/core';
import { describe, expect, test } from 'vitest';
import { acknowledgeRequest, readAction, readStatus, removeAcknowledgementRequest, statusRequest } from '../src/api.ts';

// Icinga 2's REST API; the answers are those of Debian's Icinga 2.13.6.

const url = 'https://icinga.example.com:5665/';
const service = { host: 'Web "front" & Größe/1 %2F', service: 'a b' };

function answer(status: number, body: unknown): HttpResponse {
  return { status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

describe('requests', () => {
  test('a host’s problem is acknowledged until its recovery, and nobody is notified', () => {
    expect(formatRequest(acknowledgeRequest(url, { host: 'web-1', author: 'Anna', comment: 'I look at it' }))).toBe(`\
POST https://icinga.example.com:5665/v1/actions/acknowledge-problem
accept: application/json
content-type: application/json

{
  "type": "Host",
  "host": "web-1",
  "author": "Anna",
  "comment": "I look at it",
  "sticky": true,
  "notify": false,
  "persistent": true
}
`);
  });

  test('a service is named with its host', () => {
    const request = removeAcknowledgementRequest(url, service);
    expect(request.url).toBe('https://icinga.example.com:5665/v1/actions/remove-acknowledgement');
    expect(JSON.parse(request.body ?? '')).toEqual({ type: 'Service', service: 'Web "front" & Größe/1 %2F!a b' });
  });

  test('what is asked stands in the body, never in the address, whatever the names are', () => {
    const request = statusRequest(url, service);
    expect(request).toMatchObject({
      method: 'POST',
      url: 'https://icinga.example.com:5665/v1/objects/services',
      headers: { 'x-http-method-override': 'GET' },
    });
    expect(JSON.parse(request.body ?? '')).toMatchObject({ service: 'Web "front" & Größe/1 %2F!a b' });
    expect(statusRequest(url, { host: '../status' }).url).toBe('https://icinga.example.com:5665/v1/objects/hosts');
  });

  test('no text of an alert becomes an expression: nothing is filtered', () => {
    const hostile = { host: '" || true || "', author: '$x$', comment: '{{ 1 }}' };
    for (const request of [
      acknowledgeRequest(url, hostile),
      removeAcknowledgementRequest(url, hostile),
      statusRequest(url, hostile),
    ]) {
      expect(JSON.parse(request.body ?? '')).toMatchObject({ host: hostile.host });
      expect(JSON.parse(request.body ?? '')).not.toHaveProperty('filter');
    }
  });

  test.for([{ host: 'a!b' }, { host: 'a', service: 'b!c' }, { host: '' }])(
    '%j names nothing, and nothing else',
    (of) => {
      expect(() => removeAcknowledgementRequest(url, of)).toThrow(/can’t be the name of anything in Icinga 2/);
    },
  );

  test('without an author or a comment, a sign stands there: Icinga takes no empty one', () => {
    const { author, comment } = JSON.parse(acknowledgeRequest(url, { host: 'a', author: ' ', comment: '' }).body ?? '');
    expect([author, comment]).toEqual(['–', '–']);
  });
});

describe('answers to an action', () => {
  const results = (code: number, status: string) => answer(code, { results: [{ code, status }] });

  test.for([
    [200, "Successfully acknowledged problem for object 'web-1'.", 'done'],
    [200, "Successfully removed acknowledgement for object 'web-1'.", 'done'],
    [409, 'Host web-1 is already acknowledged.', 'already-acknowledged'],
    [409, 'Host web-1 is UP.', 'no-problem'],
    [409, 'Service web-1!HTTP is OK.', 'no-problem'],
  ] as const)('%i %s is %s', ([code, status, result]) => {
    expect(readAction(results(code, status))).toBe(result);
  });

  function refusal(response: HttpResponse): TocsinError {
    try {
      readAction(response);
    } catch (error) {
      if (error instanceof TocsinError) return error;
    }
    throw new Error('it was taken');
  }

  test('fault: an error inside of an answer is an error', () => {
    const text = "Action execution failed: 'Error: Could not create comment.\n'.";
    expect(refusal(results(500, text)).message).toBe(
      "Icinga 2 refused it: Action execution failed: 'Error: Could not create comment. '. (500)",
    );
  });

  test('fault: an unknown object, or one that the user may not see, names both', () => {
    const error = refusal(answer(404, { error: 404, status: 'No objects found.' }));
    expect(error.code).toBe('not-found');
    expect(error.toText()).toMatch(
      /no such object, or the user may not see it \(HTTP 404: No objects found\.\)\n.*\$host\.name\$.*actions\/acknowledge-problem/,
    );
  });

  test('fault: a wrong password is named', () => {
    const error = refusal(answer(401, '<h1>Unauthorized. Please check your user credentials.</h1>'));
    expect(error.message).toBe('Icinga 2: it does not know the user and password (HTTP 401)');
  });

  test.for([answer(200, '<html>Welcome</html>'), answer(200, { results: [] }), answer(502, 'Bad gateway')])(
    'fault: what is no answer of Icinga’s confirms nothing: %j',
    (response) => {
      expect(refusal(response).message).toMatch(/what answers is not its API, or it failed/);
    },
  );

  test('fault: more than one result is not taken for one', () => {
    const result = { code: 200, status: 'Successfully acknowledged' };
    expect(refusal(answer(200, { results: [result, result] })).message).toMatch(/more than one object/);
  });
});

describe('the status', () => {
  const attrs = {
    __name: 'Web "front" & Größe/1 %2F!a b',
    acknowledgement: 2,
    acknowledgement_last_change: 1795326516.58259,
    state: 2,
  };
  const status = (more: object = {}) =>
    answer(200, {
      results: [{ attrs: { ...attrs, ...more }, joins: {}, meta: {}, name: attrs.__name, type: 'Service' }],
    });

  test('says who needs whom', () => {
    expect(readStatus(status(), service)).toEqual({
      isProblem: true,
      isAcknowledged: true,
      isSticky: true,
      changedAt: 1795326516582.59,
    });
    expect(readStatus(status({ acknowledgement: 1 }), service)).toMatchObject({
      isAcknowledged: true,
      isSticky: false,
    });
    expect(readStatus(status({ acknowledgement: 0, state: 0 }), service)).toMatchObject({
      isProblem: false,
      isAcknowledged: false,
    });
  });

  test('fault: that of another object is not taken for it', () => {
    expect(() => readStatus(status(), { host: 'web-1' })).toThrow(/answers with Web "front"/);
  });

  test('fault: an object that it does not know is named', () => {
    const response = answer(404, { error: 404, status: 'No objects found.' });
    expect(() => readStatus(response, service)).toThrow(/no such object/);
  });
});
