// Takes the tokens and keys that this machine's user has set for `ssp` out of the environment: with them
// a service that a test starts would ask the test for its token, here and in every process from here.
for (const name of Object.keys(process.env)) {
  if (/^SSP_.*(TOKEN|KEY)$/.test(name)) Reflect.deleteProperty(process.env, name);
}
