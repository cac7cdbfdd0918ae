import { STATUS_CODES } from 'node:http';
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { apiSchemas } from './schemas.ts';

/** How the routes become the OpenAPI document. */
export const documentOptions: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Tocsin',
      version: '1',
      description:
        'Alert groups, what was told to whom, and what is connected. Times are ISO 8601 in UTC; lists are paged by `after`, the `next` of the page before.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [
      { name: 'groups', description: 'Episodes of alerts, and what people do to them.' },
      { name: 'deliveries', description: 'What was told, is owed, or was given up.' },
      { name: 'channels', description: 'Named sets of subscriptions, beside the routes.' },
      { name: 'silences', description: 'What is held back, and until when.' },
      { name: 'targets', description: 'Which targets take something.' },
      { name: 'secrets', description: 'What nobody may read; it is set here, and settings refer to it.' },
      { name: 'requests', description: 'What couldn’t be read on the way in.' },
      { name: 'integrations', description: 'What is installed and configured.' },
      { name: 'templates', description: 'Which words are said, and what a message would be.' },
      { name: 'accounting', description: 'Counters that add up.' },
    ],
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'One of the `tokens` of the config. Each operation names the role that it needs at least: viewer reads, operator acts too, admin may everything; metrics reads only /metrics.',
        },
      },
    },
  },
  stripBasePath: false,
  transform: createJsonSchemaTransform({ schemaRegistry: apiSchemas }),
  transformObject: createJsonSchemaTransformObject({ schemaRegistry: apiSchemas }),
};

/** The parts of the document that are looked at here. */
interface Operation {
  requestBody?: { required?: boolean; content: Record<string, { schema: { required?: string[] } }> };
  responses: Record<string, { description: string }>;
}

interface OpenApi {
  paths?: Record<string, Record<string, unknown>>;
  components?: { schemas?: Record<string, unknown> };
}

/**
 * What the generators of the document leave to be said: words for each status, bodies that may be left out; and what
 * they say too much: parts that nothing refers to, and that an answer will never have another field.
 */
export function finishDocument(generated: object, hostUrl: string): object {
  // A copy, as the generator keeps its own; its type speaks of all versions of OpenAPI at once.
  const document = structuredClone(generated) as OpenApi;
  for (const path of Object.values(document.paths ?? {})) {
    // Every member of a path is an operation: no route has parameters of its path as a whole.
    for (const operation of Object.values(path) as Operation[]) finishOperation(operation);
  }
  const schemas = document.components?.schemas ?? {};
  const used = reachable(document.paths, schemas);
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
  leaveOpen(kept);
  return {
    ...document,
    servers: [{ url: hostUrl }],
    components: { ...document.components, schemas: kept },
  };
}

/** A later version may add fields; clients that are made from this document must not refuse them. */
function leaveOpen(part: unknown): void {
  if (part === null || typeof part !== 'object') return;
  if ('additionalProperties' in part && part.additionalProperties === false) delete part.additionalProperties;
  for (const inside of Object.values(part)) leaveOpen(inside);
}

function finishOperation({ requestBody, responses }: Operation): void {
  for (const [status, response] of Object.entries(responses)) {
    response.description = STATUS_CODES[status] ?? 'An answer';
  }
  leaveOpen(responses);
  const needed = Object.values(requestBody?.content ?? {}).some(({ schema }) => (schema.required ?? []).length > 0);
  if (requestBody) requestBody.required = needed;
}

/** The names of the components that the paths refer to, directly or through others. */
function reachable(paths: unknown, schemas: Readonly<Record<string, unknown>>): Set<string> {
  const found = new Set<string>();
  const look = (part: unknown): void => {
    for (const [, name] of (JSON.stringify(part) ?? '').matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name === undefined || found.has(name)) continue;
      found.add(name);
      look(schemas[name]);
    }
  };
  look(paths);
  return found;
}
