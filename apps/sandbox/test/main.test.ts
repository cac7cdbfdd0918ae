import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { readOptions } from '../src/program-options.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const condition = '--conditions=@tocsin/source';
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

function start(command: string, ...options: string[]) {
  const child = spawn(command, options, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.err += text;
  });
  const url = async (): Promise<string> => {
    while (!output.out.includes('\n')) await once(child.stdout, 'data');
    return /http:\S+(?=\/)/.exec(output.out)![0];
  };
  return { child, output, url };
}

const sandbox = (...options: string[]) => start(process.execPath, condition, main, ...options);
const answers = (url: string) =>
  fetch(`${url}/healthz`).then(
    (answer) => answer.ok,
    () => false,
  );

describe('the program', () => {
  it('says its address in one line, and ends cleanly on SIGTERM', async () => {
    const { child, output, url } = sandbox('--port', '0');
    const address = await url();
    expect(output.out).toBe(`Sandbox: ${address}/\n`);
    expect(await answers(address)).toBe(true);
    // A page that is open must not keep it.
    const page = await fetch(`${address}/events`);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await page.body?.cancel();
    expect(output.err).toBe('');
    expect(await answers(address)).toBe(false);
  });

  it('says which port is taken, and ends cleanly on SIGINT', async () => {
    const first = sandbox('--port', '0');
    const { port } = new URL(await first.url());
    const second = sandbox('--port', port);
    expect(await once(second.child, 'close')).toEqual([1, null]);
    expect(second.output.err).toContain(`127.0.0.1:${port}; give another --port`);
    first.child.kill('SIGINT');
    expect(await once(first.child, 'exit')).toEqual([0, null]);
  });

  it('ends with its parent', async () => {
    // The parent is a shell that is killed without a chance to pass anything on.
    const script = `"${process.execPath}" ${condition} "${main}" --port 0 --with-parent & wait`;
    const { child, url } = start('/bin/sh', '-c', script);
    const address = await url();
    child.kill('SIGKILL');
    await expect.poll(() => answers(address), { timeout: 3_000 }).toBe(false);
  });
});

describe('its options', () => {
  it('have defaults', () => {
    const options = { port: 8081, host: '127.0.0.1', capacity: 500, log: false, withParent: false, help: false };
    expect(readOptions([])).toEqual({ options });
  });

  it('are read', () => {
    const args = ['--port', '0', '--host', '::1', '--capacity=7', '--with-parent', '--log'];
    const slackCallbacks = 'http://127.0.0.1:8080/callbacks/chat';
    expect(readOptions([...args, '--slack-callbacks', slackCallbacks])).toEqual({
      options: { port: 0, host: '::1', capacity: 7, withParent: true, log: true, help: false, slackCallbacks },
    });
  });

  it.each([
    [['--port', '80a'], '--port is "80a"; give a whole number from 0 to 65535'],
    [['--port', '65536'], '--port is "65536"; give a whole number from 0 to 65535'],
    [['--capacity', '0'], '--capacity is "0"; give a whole number from 1 to 100000'],
    [['--slack-callbacks', 'ftp://a/'], '--slack-callbacks is "ftp://a/"; give an address with http or https'],
    [['--prot', '1'], '--prot'],
  ])('are refused with a reason: %j', (args, reason) => {
    expect(readOptions(args)).toEqual({ fault: expect.stringContaining(reason) });
  });
});
