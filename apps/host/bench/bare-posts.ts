import { Agent, request } from 'undici';

/** The floor of a delivery: undici alone, posting as many bodies of one size as a host's lane does at a time. */
export interface Posts {
  url: string;
  count: number;
  concurrency: number;
  body: string;
}

process.on('message', async ({ url, count, concurrency, body }: Posts) => {
  const dispatcher = new Agent({ connections: concurrency });
  const headers = { 'content-type': 'application/json' };
  let left = count;
  const start = performance.now();
  const work = async () => {
    while (left-- > 0) {
      const answer = await request(url, { method: 'POST', headers, body, dispatcher });
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  process.send?.((count / (performance.now() - start)) * 1000);
  await dispatcher.close();
});
