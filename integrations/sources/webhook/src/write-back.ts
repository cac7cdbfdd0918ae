import { type HttpWriteBack, secret, secretUrl, z } from '@tocsin/core';

const settings = z.strictObject({
  url: secretUrl().describe('What is told of what people do, with POST; a 2xx says that it is done'),
  headers: z.record(z.string(), secret()).default({}).describe('Headers of the request, such as `authorization`'),
});

/** By one request, whose answer says whether the other side has done it. */
export const writeBack: HttpWriteBack = {
  kind: 'http',
  settings,
  actions: ['acknowledge', 'unacknowledge', 'resolve', 'silence', 'unsilence'],
  request({ action, actor, comment, until, url: page, alert }, given, answers) {
    if (answers.length > 0) return undefined;
    const { url, headers } = given as z.output<typeof settings>; // the host has read them by the schema above
    const { fingerprint, labels, data } = alert;
    const time = until === undefined ? {} : { until: new Date(until).toISOString() };
    return {
      method: 'POST',
      url,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ action, actor, comment, ...time, url: page, alert: { fingerprint, labels, data } }),
    };
  },
};
