/** What a helper can be given, read from its usage line. */
export interface Usage {
  least: number;
  most: number;
  options: readonly string[];
}

/** `date time format? zone=`: one value, a second that may be left out, an option. `and first rest…`: two or more. */
export function readUsage(usage: string): Usage {
  const words = usage.split(' ').slice(1);
  const values = words.filter((word) => !word.endsWith('='));
  return {
    least: values.filter((word) => !word.endsWith('?')).length,
    most: values.some((word) => word.endsWith('…')) ? Number.POSITIVE_INFINITY : values.length,
    options: words.filter((word) => word.endsWith('=')).map((word) => word.slice(0, -1)),
  };
}
