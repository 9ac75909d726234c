/** Starts to measure, and tells how many milliseconds it took; where the host knows, how many of them the thread was
    at work: waiting for the server, or for other programs, is not in that. */
export function stopwatch() {
  const before = globalThis.process?.threadCpuUsage?.();
  const start = performance.now();
  return () => {
    const value = performance.now() - start;
    const used = before && process.threadCpuUsage(before);
    return { value, cpu: used && (used.user + used.system) / 1000 };
  };
}
