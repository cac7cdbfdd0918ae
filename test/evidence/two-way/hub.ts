import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type SlackState, sandboxSlackApp } from '@tocsin/sandbox';
import { type Host, startHost } from '../support/host.ts';
import { type Program, startProgram } from '../support/program.ts';
import { keyOf, type Scene, type Stage } from './scene.ts';

const sandboxMain = join(import.meta.dirname, '..', '..', '..', 'apps', 'sandbox', 'src', 'main.ts');
const token = 'token-of-the-two-way-evidence';

export interface Sandbox extends Program {
  /** Without a slash at the end. */
  address: string;
}

/** The sandbox, whose Slack app is the hub's at `address`. */
export async function startSandbox(address: string): Promise<Sandbox> {
  const parameters = ['--port', '0', '--slack-callbacks', `${address}/callbacks/chat`];
  const sandbox = startProgram(process.execPath, ['--conditions=@tocsin/source', sandboxMain, ...parameters]);
  const [, sandboxAddress = ''] = await sandbox.says(/Sandbox: (http:\S+)\//);
  return { ...sandbox, address: sandboxAddress };
}

/** A group of the API, as far as it matters here. */
export interface KnownGroup {
  id: string;
  status: string;
  acknowledged: { by: string } | null;
  events: { kind: string; actor: string | null }[];
}

/** The built hub, with each scene's source told in the scene's channel, and to a webhook. */
export class Hub {
  readonly #host: Host;
  readonly #sandbox: Sandbox;

  private constructor(host: Host, sandbox: Sandbox) {
    this.#host = host;
    this.#sandbox = sandbox;
  }

  static async start(options: {
    folder: string;
    port: number;
    sandbox: Sandbox;
    stages: readonly { scene: Scene; stage: Stage }[];
    failpoint?: string | undefined;
  }): Promise<Hub> {
    const { folder, port, sandbox, stages, failpoint } = options;
    const { teams } = (await (await fetch(`${sandbox.address}/slack/state`)).json()) as SlackState; // the sandbox's own shape
    const channels = new Map(teams[0]?.channels.map(({ name, id }) => [`#${name}`, id]));
    const settings = { ...app, apiUrl: `${sandbox.address}/slack/api` };
    const config = {
      version: 1,
      listen: `127.0.0.1:${port}`,
      store: 'sqlite:./tocsin.db',
      tokens: [{ name: 'evidence', role: 'viewer', value: token }],
      integrations: [
        '@tocsin/target-slack',
        '@tocsin/target-webhook',
        ...new Set(stages.map(({ stage }) => `@tocsin/source-${stage.source.use}`)),
      ],
      sources: stages.map(({ scene, stage }) => ({ id: scene.name, key: keyOf(scene.name), ...stage.source })),
      targets: [
        { id: 'chat', use: 'slack', settings },
        ...stages.map(({ scene }) => ({
          id: `book-${scene.name}`,
          use: 'webhook',
          settings: { url: `${sandbox.address}/webhook/${scene.name}` },
        })),
      ],
      routes: [
        ...stages.map(({ scene }) => ({
          match: [`tocsin_source="${scene.name}"`],
          interval: '0s',
          to: [{ target: 'chat', address: channels.get(scene.channel) }, `book-${scene.name}`],
        })),
        { to: ['chat'] },
      ],
      egress: {
        allow: ['127.0.0.0/8', '::1/128'],
        ...Object.fromEntries(stages.flatMap(({ stage }) => (stage.authority ? [['ca', stage.authority]] : []))),
      },
    };
    const env = failpoint === undefined ? {} : { NODE_ENV: 'test', TOCSIN_FAILPOINT: failpoint };
    return new Hub(await startHost({ folder, config, env }), sandbox);
  }

  /** The one group of a source. */
  async group(source: string): Promise<KnownGroup> {
    const { items } = (await this.#get(`groups?source=${source}`)) as { items: { id: string }[] };
    assert.equal(items.length, 1, `${source} has one group`);
    const group = (await this.#get(`groups/${items[0]?.id}`)) as KnownGroup & {
      events: { items: KnownGroup['events'] };
    }; // as its document says
    return { ...group, events: group.events.items };
  }

  /** What the webhook beside a scene's channel was told, the oldest first. */
  async book(scene: string): Promise<string[]> {
    const path = encodeURIComponent(`/webhook/${scene}`);
    const response = await fetch(`${this.#sandbox.address}/messages?channel=${path}`);
    const messages = (await response.json()) as { payload: { text: string } }[]; // the sandbox's own shape
    return messages.map(({ payload }) => payload.text);
  }

  output(): string {
    return this.#host.output();
  }

  async end(): Promise<void> {
    await this.#host.end();
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`${this.#host.address}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(response.status, 200, path);
    return response.json();
  }
}

const app = {
  token: sandboxSlackApp.botToken,
  signingSecret: sandboxSlackApp.signingSecret,
  channel: sandboxSlackApp.channel,
};
