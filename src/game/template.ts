const hole = /\{(\w+)\}/g;

/** The names of the template's holes, each as often as it stands there. */
export function holesOf(template: string): string[] {
  return [...template.matchAll(hole)].map(([, name = '']) => name);
}

/**
 * The template with each hole `{name}` filled. A value is put in as it is: braces in it are no holes.
 * Throws a RangeError that names a hole without a value. Values without a hole are not used.
 */
export function fillTemplate(
  template: string,
  values: Readonly<Record<string, string | number>>,
): string {
  return template.replaceAll(hole, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new RangeError(`The template's hole {${name}} has no value.`);
    return String(value);
  });
}
