/** Starts a measurement. Returns a function that returns the elapsed milliseconds, and those of work of the thread, if
    the host reports them. They do not include waiting for the server, or for other programs. */
export function stopwatch() {
  const before = globalThis.process?.threadCpuUsage?.();
  const start = performance.now();
  return () => {
    const value = performance.now() - start;
    const used = before && process.threadCpuUsage(before);
    return { value, cpu: used && (used.user + used.system) / 1000 };
  };
}
