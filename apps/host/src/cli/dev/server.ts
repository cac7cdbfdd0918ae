import { TocsinError } from '@tocsin/core';
import Fastify from 'fastify';
import { addEventRoutes } from './event-routes.ts';
import { addPageRoutes } from './page-routes.ts';
import type { PreviewTask } from './preview-worker.ts';
import { watchFolders } from './watch.ts';
import { Workbench } from './workbench.ts';

export interface DevServerOptions {
  task: PreviewTask;
  /** 0 for a free one. */
  port: number;
}

export interface DevServer {
  /** `http://127.0.0.1:40123` */
  address: string;
  close: () => Promise<void>;
}

/** Only ever on this machine: what it shows may be somebody's payload. */
const host = '127.0.0.1';

/** Watches the package and serves the page that shows it. Throws a TocsinError where the port is taken. */
export async function startDevServer({ task, port }: DevServerOptions): Promise<DevServer> {
  const app = Fastify({ forceCloseConnections: true });
  // A page of another site that gives its own name this address (DNS rebinding) gets nothing.
  app.addHook('onRequest', async (request, reply) => {
    if (request.hostname !== host && request.hostname !== 'localhost') {
      return reply.code(421).send({ error: `this page is at ${address}` });
    }
  });
  addPageRoutes(app);
  let tell: (snapshot: Workbench['snapshot']) => void = () => {};
  const workbench = new Workbench({ task, onSnapshot: (snapshot) => tell(snapshot) });
  tell = addEventRoutes(app, () => workbench.snapshot);
  const stopWatching = watchFolders([task.folder, ...task.targets], () => workbench.refresh());
  const close = async (): Promise<void> => {
    stopWatching();
    await Promise.all([app.close(), workbench.close()]);
  };
  const address = await app.listen({ host, port }).catch(async (cause: NodeJS.ErrnoException) => {
    await close();
    throw new TocsinError('config', `${host}:${port} can’t be listened on: ${cause.message}`, {
      remedy: 'Give another --port, or none for a free one.',
      cause,
    });
  });
  return { address, close };
}
