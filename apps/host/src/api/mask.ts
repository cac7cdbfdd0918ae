import type { LoadedConfig } from '../config/config.ts';
import type { AccessToken } from '../context.ts';
import { maskWith, type SecretForm, secretForms } from '../secret-forms.ts';

/**
 * The second line against secrets in answers: what is stored holds references only, and should a value come back in
 * some vendor's answer, in whatever encoding, it is replaced by its reference here.
 */
export class Mask {
  readonly #forms: readonly SecretForm[];

  constructor({ config, tokens }: { config: Pick<LoadedConfig, 'secrets'>; tokens: readonly AccessToken[] }) {
    const secrets: [string, string][] = [
      ...config.secrets,
      ...tokens.map(({ name, value }): [string, string] => [
        `\${token:${encodeURIComponent(name.toWellFormed())}}`,
        value,
      ]),
    ];
    this.#forms = secretForms(secrets);
  }

  text(text: string): string {
    return maskWith(this.#forms, text);
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
