/** Where a value stands in JSON. */
export type Path = readonly (string | number)[];

/** Looked up on every object by JSON.stringify and by promises, and no field of anybody's. */
const protocols: ReadonlySet<PropertyKey> = new Set(['toJSON', 'then']);

/** Hands out JSON values and notes each field of them that is read, those too that aren't there. */
export class Recorder {
  readonly #read = new Map<string, Path>();
  readonly #values = new WeakMap<object, object>();

  /** What was read so far, in its order. */
  get paths(): Path[] {
    return [...this.#read.values()];
  }

  /** The same value, whose reading is noted as that of `path`. */
  watch<Value>(value: Value, path: Path = []): Value {
    if (value === null || typeof value !== 'object') return value;
    const plain = this.#values.get(value) ?? value;
    const inner = (key: string, found: unknown): unknown => {
      const whole = [...path, Array.isArray(plain) ? Number(key) : key];
      this.#read.set(JSON.stringify(whole), whole);
      return this.watch(found, whole);
    };
    const watched = new Proxy(plain, {
      get: (target, key, receiver) => {
        const found: unknown = Reflect.get(target, key, receiver);
        if (typeof key === 'symbol' || protocols.has(key)) return found;
        if (Object.hasOwn(target, key)) return Array.isArray(target) && key === 'length' ? found : inner(key, found);
        // What every object inherits is no field, nor is what a list lacks.
        return key in target || Array.isArray(target) ? found : inner(key, found);
      },
      getOwnPropertyDescriptor: (target, key) => {
        const found = Reflect.getOwnPropertyDescriptor(target, key);
        if (typeof key === 'symbol' || protocols.has(key) || found?.configurable === false) return found;
        if (!found) {
          if (!Array.isArray(target) && !(key in target)) inner(key, undefined);
          return found;
        }
        return { ...found, value: inner(key, found.value) };
      },
    });
    this.#values.set(watched, plain);
    return watched as Value; // a proxy is what it stands for
  }
}
