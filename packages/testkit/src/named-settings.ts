import { namedSettings, type Source, secretSettings, type Target, z } from '@tocsin/core';

/** What a definition's `verify` or `auth` names that its settings don't have, or don't keep secret. */
export function namedSettingFaults(definition: Source | Target): string[] {
  const part = definition.kind === 'source' ? 'verify' : 'auth';
  const named = definition.kind === 'source' ? definition.verify : definition.auth;
  if (!named) return [];
  const secrets = definition.kind === 'target' && definition.auth ? secretSettings(definition.auth) : [];
  const settings = definition.settings ? z.toJSONSchema(definition.settings, options) : {};
  const { properties = {} } = settings as Schema;
  return namedSettings(named).flatMap((name) => {
    const found = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!found) return [`\`${part}\` names the setting ${name}, which is not among its \`settings\``];
    return secrets.includes(name) && !isSecret(found)
      ? [`\`auth\` names the setting ${name}, which is no \`secret()\``]
      : [];
  });
}

const options = { io: 'input', unrepresentable: 'any' } as const;

/** The words of JSON Schema that say what a value is. */
interface Schema {
  secret?: boolean;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
}

/** A secret, or a list of them. */
function isSecret({ secret, items, anyOf }: Schema): boolean {
  if (anyOf) return anyOf.every(isSecret);
  return items ? isSecret(items) : secret === true;
}
