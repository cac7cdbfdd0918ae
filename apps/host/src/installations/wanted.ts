import { workspaceOf } from '@tocsin/core';
import type { Route, To } from '@tocsin/engine';
import type { Installations } from './installations.ts';

/** A workspace that a target is to tell something. */
export interface WantedWorkspace {
  target: string;
  workspace: string;
}

/** The workspaces that addresses name, each once; one that a label names is known when it is told. */
export function wantedBy(told: Iterable<To>, installations: Pick<Installations, 'isInstallable'>): WantedWorkspace[] {
  const wanted = new Map<string, WantedWorkspace>();
  for (const { target, address } of told) {
    if (address === undefined || !installations.isInstallable(target)) continue;
    const texts = typeof address === 'string' ? [address] : [startOf(address.parts), address.else];
    for (const workspace of texts.flatMap((text) => workspaceOf(text) ?? [])) {
      wanted.set(`${target}/${workspace}`, { target, workspace });
    }
  }
  return [...wanted.values()];
}

/** Everybody whom these routes tell, and those below them. */
export function toldBy(routes: readonly Route[]): To[] {
  return routes.flatMap(({ to, routes: below = [] }) => [...to, ...toldBy(below)]);
}

/** Of an address with labels, what stands before the first. */
function startOf([first]: readonly (string | { label: string })[]): string {
  return typeof first === 'string' ? first : '';
}
