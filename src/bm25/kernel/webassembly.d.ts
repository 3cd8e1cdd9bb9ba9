// What the kernel's host uses of the global WebAssembly: neither the language's library nor Node's
// types declare it, and the DOM's would bring everything else of a browser.
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: SharedArrayBuffer;
  }
  const Memory: new (descriptor: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => Memory;

  interface Module {
    readonly [brand: symbol]: never;
  }
  const Module: new (bytes: Uint8Array) => Module;

  interface Instance {
    readonly exports: object;
  }
  const Instance: new (
    module: Module,
    imports: { readonly env: { readonly memory: Memory } },
  ) => Instance;
}
