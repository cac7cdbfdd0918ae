import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startProgram } from '../../evidence/support/program.ts';

/** A process that listens and accepts nobody, and its queue is full: the kernel drops who comes after. */
const program = `
  const { createServer } = require('node:net');
  const server = createServer().listen({ port: 0, host: '127.0.0.2', backlog: 1 }, () => {
    process.stdout.write('port ' + server.address().port + '\\n', () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });
  });
`;

/** A port of 127.0.0.2 to which no connection comes about and none is refused. */
export async function startBlackHole(): Promise<{ port: number; close(): Promise<void> }> {
  const child = startProgram(process.execPath, ['-e', program]);
  const [, text] = await child.says(/port (\d+)/);
  const port = Number(text);
  const waiting: Socket[] = [];
  for (;;) {
    const socket = connect(port, '127.0.0.2').on('error', () => {});
    waiting.push(socket);
    const isIn = await Promise.race([
      once(socket, 'connect').then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 300)),
    ]);
    if (!isIn || waiting.length > 8) break;
  }
  return {
    port,
    async close() {
      for (const socket of waiting) socket.destroy();
      child.signal('SIGKILL');
      await child.ended;
    },
  };
}
