// A sample that is taken in a process of its own, in Node.

/** Runs a script in this directory. Its output is the sample. */
export function take(script, args) {
  const { execFile } = process.getBuiltinModule("node:child_process");
  const path = process.getBuiltinModule("node:url").fileURLToPath(new URL(script, import.meta.url));
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ["--expose-gc", path, ...args.map(String)], (error, stdout) =>
      error ? reject(error) : resolve(JSON.parse(stdout)),
    );
  });
}
