import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { formatFault, TocsinError } from '@tocsin/core';
import type { Finding, Store } from '@tocsin/engine';
import { openSqliteStore } from '@tocsin/store-sqlite';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { readTokens } from './access.ts';
import { registerApi } from './api/api.ts';
import { ChannelDesk } from './channels/desk.ts';
import type { LoadedConfig } from './config/config.ts';
import { urlOf } from './config/listen.ts';
import type { HostContext } from './context.ts';
import { Dispatcher } from './deliver/dispatcher.ts';
import { Sender } from './deliver/sender.ts';
import { Egress } from './egress/egress.ts';
import { Guard } from './egress/guard.ts';
import { signersOf } from './egress/signer.ts';
import { Vault } from './egress/vault.ts';
import { readFailpoints, withEarlyAcknowledgement, withoutConfirmation, withoutRetries } from './failpoints.ts';
import { largestBody } from './ingest/body.ts';
import { registerIngest } from './ingest/ingest.ts';
import { OwnerKeys } from './ingest/keys.ts';
import { InstallationDesk } from './installations/desk.ts';
import { Installations } from './installations/installations.ts';
import { Vendor } from './installations/vendor.ts';
import { toldBy } from './installations/wanted.ts';
import type { Job } from './integrations/jobs.ts';
import { IntegrationPool } from './integrations/pool.ts';
import { workerSetup } from './integrations/setup.ts';
import { HostMetrics } from './metrics/host-metrics.ts';
import { registerMetrics } from './metrics/route.ts';
import { registerPages } from './pages/pages.ts';
import { callbackVerifiers, registerCallbacks } from './presses/callback-routes.ts';
import { PressDesk } from './presses/desk.ts';
import { Handles } from './presses/handles.ts';
import { offersOf } from './presses/offer.ts';
import { installableOrigins, loadRegistry, type Registry, secretUsers } from './registry.ts';
import { MasterKeys } from './secrets/master-keys.ts';
import { SecretStore } from './secrets/secret-store.ts';
import { letGo, reportAtStart } from './secrets/waiting.ts';
import { TemplateDesk } from './templates/desk.ts';
import { pinTemplates } from './templates/pinning.ts';
import { Troubles } from './troubles/troubles.ts';
import { Echoes } from './write-back/echoes.ts';
import { Monitors } from './write-back/monitors.ts';
import { Watches } from './write-back/watches.ts';

export interface HostOptions {
  config: LoadedConfig;
  env: Record<string, string | undefined>;
  log: Logger;
  /** What a person at the terminal should read. */
  print: (line: string) => void;
  /** Called when the host can't go on, such as with a damaged database. */
  onFatal: (error: TocsinError) => void;
  /** Milliseconds that a request may take to come in. Default: 15 s. */
  requestTimeout?: number;
}

export interface Host {
  /** Where it listens, without a slash at the end. */
  address: string;
  url: string;
  registry: Registry;
  /** Not ready, no new requests, last commit, no new claims, at most five seconds for sends in flight, checkpoint. */
  stop(): Promise<void>;
}

/** Milliseconds that requests and then sends in flight get at a shutdown. */
const requestsPatience = 1_000;
const sendsPatience = 5_000;

/** Opens the store, loads the integrations, listens, and begins to deliver. Throws a TocsinError that says what to do. */
export async function startHost(options: HostOptions): Promise<Host> {
  const { env, print, onFatal } = options;
  const { synchronous, all, withoutInStore } = readFailpoints(env);
  if (all.length > 0)
    options.log.warn({ failpoints: all }, 'UNSAFE: protections are taken away, accepted alerts get lost');
  const registry = await loadRegistry(options.config);
  const { config } = registry;
  for (const warning of config.warnings) options.log.info(formatFault(warning));
  const troubles = new Troubles(registry, options.log);
  const onFinding = (finding: Finding) => troubles.found(finding);
  const { path: file } = config.store;
  const store = await openSqliteStore({ file, print, onFatal, onFinding, synchronous, without: withoutInStore });
  const close: (() => Promise<void>)[] = [() => store.close()];
  try {
    return await assemble({ ...options, config }, registry, store, troubles, close);
  } catch (error) {
    for (const end of close.reverse()) await end().catch(() => {});
    throw error;
  }
}

async function assemble(
  { config, env, log, print, requestTimeout = 15_000 }: HostOptions,
  registry: Registry,
  store: Store,
  troubles: Troubles,
  close: (() => Promise<void>)[],
): Promise<Host> {
  const channels = await ChannelDesk.open({ store, config, registry, log });
  const failpoints = readFailpoints(env);
  const keys = new MasterKeys({ config, env, print });
  const origins = installableOrigins(registry);
  const tokens = await Installations.open({ store, keys, origins });
  const secrets = await SecretStore.open({
    store,
    keys,
    users: secretUsers(registry),
    others: tokens,
    onSet: (targets) => letGo(targets, { secrets, store, troubles }),
  });
  const vault = new Vault(config.secrets, { stored: secrets, tokens, failpoints });
  const pinned = await pinTemplates(store, registry, (source, error) =>
    log.warn({ source, err: error.message }, 'recorded templates can’t be read; the package’s own are used'),
  );
  const setup = workerSetup(registry, vault, pinned, failpoints.withoutInThreads);
  const onOverrun = (owner: string, error: TocsinError, job: Job) => {
    log.error({ owner }, error.message);
    troubles.switchedOff(job);
  };
  // Two threads, so that a slow template delays no request and a storm no message.
  const endless = failpoints.has('no-call-budget') ? { budget: 3_600_000 } : {};
  const onlySources = { ...setup, targets: [], wordings: [] };
  const reading = new IntegrationPool({ setup: onlySources, onOverrun, ...endless });
  close.push(() => reading.close());
  const writing = new IntegrationPool({ setup, onOverrun, budget: 1_000, ...endless });
  close.push(() => writing.close());
  await Promise.all([reading.ready, writing.ready]);

  const app: FastifyInstance = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // One logger for all requests: nothing that is logged needs a request's number.
    childLoggerFactory: (logger) => logger,
    bodyLimit: largestBody,
    requestTimeout: failpoints.has('no-deadline') ? 0 : requestTimeout,
    // How often Node looks for requests that are over their time; its own default is 30 s.
    http: { connectionsCheckingInterval: 1_000 },
    connectionTimeout: 30_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 512 },
  });
  app.server.headersTimeout = failpoints.has('no-deadline') ? 0 : Math.min(requestTimeout, 10_000);
  let isStopping = false;
  let address = { address: config.listen.host, port: config.listen.port };
  const guard = new Guard({ allow: config.egress.allow, deny: config.egress.deny, own: () => listeners(address) });
  const egress = new Egress({ config, guard, vault, signers: signersOf(registry, vault), tokens, failpoints });
  close.push(() => egress.close());
  const handles = await Handles.open(store);
  const echoes = new Echoes();
  const monitors = new Monitors({ registry, store, pool: writing, egress, echoes, url: () => context.url });
  const writeBacks = withoutConfirmation(monitors, failpoints);
  const isAnyIncarnationGood = failpoints.has('any-incarnation');
  const presses = await PressDesk.open({
    store,
    handles,
    pool: writing,
    egress,
    writeBacks,
    isAnyIncarnationGood,
    log,
  });
  const installations = new InstallationDesk({
    installations: tokens,
    vendor: new Vendor({ pool: writing, egress, vault }),
    store,
    troubles,
    log,
    told: () => [...toldBy(config.routes), ...channels.present().flatMap(({ subscriptions }) => subscriptions)],
    url: () => context.url,
  });
  const context: HostContext = {
    config,
    store,
    registry,
    log: app.log,
    url: config.url ?? urlOf(config.listen, config.listen.port),
    tokens: readTokens(config, env, print),
    channels,
    secrets,
    presses,
    // A protection that can be taken away: nobody listens for what was asked.
    echoes: failpoints.has('no-echo-check') ? new Echoes() : echoes,
    handles,
    installations,
    templates: new TemplateDesk({ store, registry, reading, writing, vault, url: () => context.url }),
    sender: new Sender({ registry, pool: writing, egress, vault, installations }),
    notReady: () => (isStopping ? 'the host is shutting down' : undefined),
    quarantined: () => new Map([...reading.quarantined(), ...writing.quarantined()]),
  };
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const reason = context.notReady();
    return reply.code(reason ? 503 : 200).send(reason ? { status: 'not ready', reason } : { status: 'ready' });
  });
  await troubles.start({ store, pool: reading, url: () => context.url });
  close.push(() => troubles.stop());
  reportAtStart({ secrets, troubles, log });
  installations.reportAtStart();
  // The first, because it answers what fails in those after it.
  await registerPages(app, context);
  // `url` is known only once it listens.
  const ingest = failpoints.has('ack-before-commit')
    ? Object.create(context, { store: { value: withEarlyAcknowledgement(store) } })
    : context;
  const metrics = new HostMetrics({ sources: [...registry.sources.keys()], targets: [...registry.targets.keys()] });
  const isAnySignatureGood = failpoints.has('any-signature');
  const checks = { largestBody: failpoints.has('no-body-bound') ? 2 ** 30 : largestBody, isAnySignatureGood };
  const fetching = (url: string) => fetchText(egress, url, app.log);
  await registerIngest(
    app,
    ingest,
    new OwnerKeys(config.sources, config.secrets),
    reading,
    troubles,
    fetching,
    metrics,
    checks,
  );
  await registerCallbacks(app, context, {
    keys: new OwnerKeys(config.targets, config.secrets),
    verifiers: callbackVerifiers(
      registry.targets,
      (target, text) => vault.reveal(text, { target, url: '' }),
      failpoints,
    ),
    failpoints,
    pool: writing,
    onEnded: (target, { installation, reason, at }) => installations.ended(target, installation, reason, at),
  });
  await registerApi(app, context);
  await registerMetrics(app, context, metrics);
  await listen(app, config.listen);
  close.push(() => app.close());
  const bound = app.server.address();
  if (bound && typeof bound === 'object') address = { address: bound.address, port: bound.port };
  if (config.url === undefined) context.url = urlOf(config.listen, address.port);

  const owner = `${process.pid}-${randomBytes(6).toString('hex')}`;
  const dispatcher = new Dispatcher({
    store: withoutRetries(store, failpoints),
    registry,
    pool: writing,
    egress,
    vault,
    troubles,
    log: app.log,
    url: context.url,
    offers: offersOf(registry, handles, context.url),
    installations,
    owner,
    metrics,
    ...(failpoints.has('short-lease') ? { lease: 500 } : {}),
  });
  metrics.deliveriesInFlight = (target) => dispatcher.inFlight(target);
  dispatcher.start();
  const watches = new Watches({ registry, store, pool: writing, egress, log: app.log });
  if (!failpoints.has('no-watch')) watches.start();

  return {
    address: urlOf(config.listen, address.port),
    url: context.url,
    registry,
    async stop() {
      isStopping = true;
      // Requests that are in are answered after their commit; idle connections are closed, slow ones cut off.
      const cut = setTimeout(() => app.server.closeAllConnections(), requestsPatience);
      await app.close();
      clearTimeout(cut);
      await dispatcher.stop(sendsPatience);
      watches.stop();
      await presses.stop();
      await troubles.stop();
      await egress.close();
      await Promise.all([reading.close(), writing.close()]);
      await store.close();
    },
  };
}

/** The body of a 2xx; what went wrong instead goes to the log. */
async function fetchText(egress: Egress, url: string, log: FastifyBaseLogger): Promise<string | undefined> {
  const { response, error } = await egress.get(url);
  if (response && response.status >= 200 && response.status < 300) return response.body;
  log.warn({ host: new URL(url).hostname, reason: error ?? `HTTP ${response?.status}` }, 'not fetched');
  return undefined;
}

async function listen(app: FastifyInstance, { host, port }: LoadedConfig['listen']): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const reason = code === 'EADDRINUSE' ? 'another program listens there' : String(cause);
    throw new TocsinError('config', `can't listen on ${host}:${port}: ${reason}`, {
      remedy: 'Stop that program, or choose another address: `listen` in the config, or the variable PORT.',
      cause,
    });
  }
}

/** Where this process is reached: behind a wildcard stand all addresses of the machine. */
function listeners(bound: { address: string; port: number }): { address: string; port: number }[] {
  if (bound.address !== '0.0.0.0' && bound.address !== '::') return [bound];
  const interfaces = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return [bound, ...interfaces.map(({ address }) => ({ address, port: bound.port }))];
}
