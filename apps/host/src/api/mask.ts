import type { LoadedConfig } from '../config/config.ts';
import type { AccessToken } from '../context.ts';
import { type ChangingSecrets, SecretMask } from '../secret-forms.ts';

/**
 * The second line against secrets in answers: what is stored holds references only, and should a value come back in
 * some vendor's answer, in whatever encoding, it is replaced by its reference here.
 */
export class Mask {
  readonly #mask: SecretMask;

  constructor({
    config,
    tokens,
    secrets,
    installations,
  }: {
    config: Pick<LoadedConfig, 'secrets'>;
    tokens: readonly AccessToken[];
    secrets?: ChangingSecrets;
    installations?: { readonly all: ChangingSecrets };
  }) {
    const fixed: [string, string][] = [
      ...config.secrets,
      ...tokens.map(({ name, value }): [string, string] => [
        `\${token:${encodeURIComponent(name.toWellFormed())}}`,
        value,
      ]),
    ];
    this.#mask = new SecretMask(fixed, secrets, installations?.all);
  }

  text(text: string): string {
    return this.#mask.text(text);
  }

  /** The same JSON value with every text in it masked; keys stay as they are. */
  deep<Value>(value: Value): Value {
    // Only texts change, never the shape.
    return this.#deep(value) as Value;
  }

  #deep(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.#deep(item));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, this.#deep(inside)]));
  }
}
