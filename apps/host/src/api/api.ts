import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { createSerializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { HostContext } from '../context.ts';
import { authorize } from './access.ts';
import { registerAccountingRoutes } from './accounting-routes.ts';
import { registerChannelRoutes } from './channel-routes.ts';
import { registerDeadLetterRoutes } from './dead-letter-routes.ts';
import { registerDeliveryRoutes } from './delivery-routes.ts';
import { documentOptions, finishDocument } from './document.ts';
import { failureOf, refused } from './failure.ts';
import { registerGroupRoutes } from './group-routes.ts';
import { registerInstallationRoutes } from './installation-routes.ts';
import { registerIntegrationRoutes } from './integration-routes.ts';
import { Mask } from './mask.ts';
import type { Api } from './route.ts';
import { registerSecretRoutes } from './secret-routes.ts';
import { registerSilenceRoutes } from './silence-routes.ts';
import { registerTargetRoutes } from './target-routes.ts';
import { registerTemplateRoutes } from './template-routes.ts';
import { registerWhyRoutes } from './why-routes.ts';

export interface ApiOptions {
  /** Milliseconds since 1970. */
  now?: () => number;
  /** IANA name of the zone that sentences tell times in; that of this machine without it. */
  zone?: string;
}

/** Bytes of a request: an action has a comment at most. */
const largestBody = 16 * 1024;

/** `/api/v1/…` and `/api/openapi.json`, by bearer token. Every text of an answer has known secrets masked. */
export async function registerApi(
  app: FastifyInstance,
  context: HostContext,
  { now = Date.now, zone = Intl.DateTimeFormat().resolvedOptions().timeZone }: ApiOptions = {},
): Promise<void> {
  const mask = new Mask(context);
  const answerWith = createSerializerCompiler({
    replacer: (_key, value) => (typeof value === 'string' ? mask.text(value) : value),
  });
  await app.register(
    async (scope) => {
      const api: Api = scope.withTypeProvider<ZodTypeProvider>();
      api.setValidatorCompiler(validatorCompiler);
      api.setSerializerCompiler(answerWith);
      api.setErrorHandler((error, request, reply) => reply.send(refused(reply, failureOf(error, request))));
      api.setNotFoundHandler((_request, reply) => reply.send(refused(reply, unknownPath)));
      readJson(api);
      checkTokens(api, context);
      await api.register(swagger, documentOptions);
      registerGroupRoutes(api, context, now);
      registerDeliveryRoutes(api, context);
      registerDeadLetterRoutes(api, context);
      registerSilenceRoutes(api, context, now);
      registerChannelRoutes(api, context);
      registerTargetRoutes(api, context, now);
      registerInstallationRoutes(api, context);
      registerSecretRoutes(api, context, now);
      registerIntegrationRoutes(api, context);
      registerTemplateRoutes(api, context);
      registerAccountingRoutes(api, context, now);
      registerWhyRoutes(api, context, now, zone);
      api.get('/openapi.json', { config: { needs: 'viewer' }, schema: { hide: true } }, () =>
        finishDocument(api.swagger(), context.url),
      );
    },
    { prefix: '/api' },
  );
}

/** Every route names its role: one without is a mistake of ours that shows at the start. */
function checkTokens(api: Api, { tokens }: HostContext): void {
  api.decorateRequest('token', undefined);
  api.addHook('onRoute', ({ config, url }) => {
    if (!config?.needs) throw new Error(`the route ${url} doesn't say which role it needs`);
  });
  api.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    const { needs } = request.routeOptions.config;
    if (!needs) return undefined;
    const token = authorize(request.headers.authorization, tokens, needs);
    if ('status' in token) return reply.send(refused(reply, token));
    request.token = token;
    return undefined;
  });
}

/** An action without a body is one without a comment, whatever its content type says. */
function readJson(api: Api): void {
  const parse = api.getDefaultJsonParser('error', 'error');
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: largestBody }, (request, body, done) =>
    body === '' ? done(null, {}) : parse(request, body as string, done),
  );
  api.addHook('preValidation', async (request) => {
    if (request.method === 'POST') request.body ??= {};
  });
}

const unknownPath = {
  status: 404,
  code: 'not-found',
  message: 'the API has no such path, or not with this method',
  remedy: 'GET /api/openapi.json lists them all.',
};
