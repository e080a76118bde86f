// HEALTHCHECK of the images: exit code 0 when /health answers 200 (the base image has no curl).
// It knows the port from the environment alone: who sets the port in a file, sets the variable as well.
const { MANAGEMENT_PORT, PROXY_PORT } = process.env;
const port = [MANAGEMENT_PORT, PROXY_PORT, '8080'].find((value) => value !== undefined && Number(value) > 0);

try {
  const { status } = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(4000) });
  console.log(`/health on port ${port}: ${status}`);
  process.exitCode = status === 200 ? 0 : 1;
} catch (error) {
  console.log(`/health on port ${port}: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
