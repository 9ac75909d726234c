/** Starts a measurement. Returns a function that returns the elapsed milliseconds, and the milliseconds that the thread
    worked, if the host reports them. The thread does not work while it waits for the server, or for other programs. */
export function stopwatch() {
  const before = globalThis.process?.threadCpuUsage?.();
  const start = performance.now();
  return () => {
    const value = performance.now() - start;
    const used = before && process.threadCpuUsage(before);
    return { value, cpu: used && (used.user + used.system) / 1000 };
  };
}
