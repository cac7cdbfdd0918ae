import type { Installed, Place, VendorRefusal } from '@tocsin/core';
import type { Egress, SendOptions, Sent } from '../egress/egress.ts';
import type { Vault } from '../egress/vault.ts';
import type { InstallationStep } from '../integrations/jobs.ts';
import type { IntegrationPool } from '../integrations/pool.ts';

export interface VendorTools {
  pool: Pick<IntegrationPool, 'run'>;
  egress: Pick<Egress, 'send'>;
  vault: Pick<Vault, 'openAddress'>;
}

/** Places of a workspace, as far as they were asked for. */
export interface Places {
  places: Place[];
  /** There are more than are asked for. */
  isCut: boolean;
}

/** Milliseconds that one answer may take. */
const patience = 15_000;
/** Bytes of a page of places: each has a topic, a purpose and much else that nobody reads. */
const largestPage = 2 * 1024 * 1024;
const mostPages = 50;

/** Speaks with the vendors of apps about their installations. Nothing that they answer is repeated but what is read of it. */
export class Vendor {
  readonly #tools: VendorTools;

  constructor(tools: VendorTools) {
    this.#tools = tools;
  }

  /** Where a browser goes to let the app in. */
  async authorizeAddress(target: string, asked: { redirectUri: string; state: string }): Promise<string> {
    const request = await this.#request(target, { step: 'authorize', ...asked });
    return this.#tools.vault.openAddress(request.url, target);
  }

  async exchange(target: string, given: { code: string; redirectUri: string }): Promise<Installed | VendorRefusal> {
    // It may give a token that is known already, and that is what is asked for.
    const sent = await this.#send(target, { step: 'exchange', ...given }, { isUnmasked: true });
    return this.#read<Installed>(target, 'exchange', sent);
  }

  async revoke(target: string, workspace: string): Promise<VendorRefusal | undefined> {
    const sent = await this.#send(target, { step: 'revoke' }, { workspace });
    const read = await this.#read<Record<string, never>>(target, 'revoke', sent);
    return isRefusal(read) ? read : undefined;
  }

  async places(target: string, workspace: string): Promise<Places | VendorRefusal> {
    const places: Place[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < mostPages; page++) {
      const sent = await this.#send(target, { step: 'places', cursor }, { workspace, largestAnswer: largestPage });
      const read = await this.#read<{ places: Place[]; next?: string }>(target, 'places', sent);
      if (isRefusal(read)) return read;
      places.push(...read.places);
      if (read.next === undefined || read.next === cursor) return { places, isCut: false };
      cursor = read.next;
    }
    return { places, isCut: true };
  }

  async #send(target: string, asked: InstallationStep, options: SendOptions): Promise<Sent> {
    const request = await this.#request(target, asked);
    return this.#tools.egress.send(target, request, AbortSignal.timeout(patience), options);
  }

  async #request(target: string, asked: InstallationStep) {
    const { request } = await this.#tools.pool.run<'installation-request'>({
      kind: 'installation-request',
      target,
      asked,
    });
    return request;
  }

  async #read<Answer>(
    target: string,
    step: 'exchange' | 'revoke' | 'places',
    { response, error }: Sent,
  ): Promise<Answer | VendorRefusal> {
    if (!response) return { refused: error ?? 'there is no answer' };
    try {
      const { read } = await this.#tools.pool.run<'installation-answer'>({
        kind: 'installation-answer',
        target,
        step,
        response,
      });
      return read as Answer | VendorRefusal; // each step has its own
    } catch {
      // Its message may quote the answer, in which there may be a token.
      return { refused: `its vendor’s answer (HTTP ${response.status}) is none that the integration understands` };
    }
  }
}

export function isRefusal(read: object): read is VendorRefusal {
  return 'refused' in read;
}
