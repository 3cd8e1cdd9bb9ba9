import type { Value } from './values.ts';

/** Variables by name, with those of the place around. What is set stays in its own scope. */
export class Scope {
  readonly #outer: Scope | undefined;
  readonly #variables: Map<string, Value>;

  constructor(outer: Scope | undefined, variables: ReadonlyMap<string, Value> = new Map()) {
    this.#outer = outer;
    this.#variables = new Map(variables);
  }

  set(name: string, value: Value): void {
    this.#variables.set(name, value);
  }

  find(name: string): Value | undefined {
    const own = this.#variables.get(name);
    return own === undefined ? this.#outer?.find(name) : own;
  }
}
