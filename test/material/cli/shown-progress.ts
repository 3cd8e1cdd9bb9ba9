// For `node --import`, by NODE_OPTIONS: the process takes its standard error for a terminal, so that
// every stage is shown from its start on.
Object.defineProperty(process.stderr, 'isTTY', { value: true });
