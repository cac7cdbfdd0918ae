import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

/** A registry in which this tree's packages are released. */
export interface Registry {
  url: string;
  stop: () => void;
}

/** The packages that somebody outside of the repository installs. */
const released = [
  'packages/core',
  'packages/engine',
  'packages/message-view',
  'packages/store-sqlite',
  'packages/testkit',
  'packages/create-tocsin-integration',
  'apps/host',
];

/** Packs what is built in the repository and serves it; for everything else npm is sent on to the registry that it has. */
export async function startRegistry(repository: string, folder: string, env: NodeJS.ProcessEnv): Promise<Registry> {
  mkdirSync(folder, { recursive: true });
  for (const path of released) pack(join(repository, path), folder, env);
  const elsewhere = execFileSync('npm', ['config', 'get', 'registry'], { cwd: folder, env, encoding: 'utf8' }).trim();
  const tarballs = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  const manifests = new Map([...tarballs.keys()].map((name) => [name, manifestOf(join(folder, name))]));
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').slice(1));
    const tarball = tarballs.get(basename(path));
    if (tarball) return response.setHeader('content-type', 'application/octet-stream').end(tarball);
    const [name, manifest] = [...manifests].find(([, { name }]) => name === path) ?? [];
    if (!name || !manifest)
      return response.writeHead(302, { location: new URL(request.url ?? '/', elsewhere).href }).end();
    const dist = {
      tarball: `http://${request.headers.host}/${name}`,
      integrity: `sha512-${createHash('sha512')
        .update(tarballs.get(name) ?? '')
        .digest('base64')}`,
    };
    const { version } = manifest;
    const packument = { name: path, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
    return response.setHeader('content-type', 'application/json').end(JSON.stringify(packument));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has no other kind
  return { url: `http://127.0.0.1:${port}/`, stop: () => server.close() };
}

/** As a release does it: `workspace:` and `catalog:` become versions. */
function pack(path: string, into: string, env: NodeJS.ProcessEnv): void {
  const { packageManager } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  execFileSync('npx', ['--yes', `--package=${packageManager}`, '--', 'pnpm', 'pack', '--pack-destination', into], {
    cwd: path,
    env,
    stdio: 'pipe',
  });
}

function manifestOf(tarball: string): { name: string; version: string } {
  return JSON.parse(execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }));
}
