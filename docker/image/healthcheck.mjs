// HEALTHCHECK of the images: exit code 0 when /health answers 200 (the base image has no curl).
// It knows the port, and that it speaks TLS, from the environment alone: who sets them in a file, sets the variables as well.
import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';

const { MANAGEMENT_PORT, PROXY_PORT, TLS_CERT } = process.env;
const port = [MANAGEMENT_PORT, PROXY_PORT, '8080'].find((value) => value !== undefined && Number(value) > 0);
const isSecure = TLS_CERT !== undefined && TLS_CERT !== '';

const tell = (found, code) => {
  console.log(`/health on port ${port}: ${found}`);
  process.exitCode = code;
};

// Whether the certificate is one for 127.0.0.1 is not asked here.
const options = { host: '127.0.0.1', port, path: '/health', timeout: 4000, rejectUnauthorized: false };
const request = (isSecure ? getSecure : getPlain)(options, (response) => {
  response.resume();
  tell(response.statusCode, response.statusCode === 200 ? 0 : 1);
  request.destroy();
});
request.on('timeout', () => request.destroy(new Error('no answer within 4 s')));
request.on('error', (error) => process.exitCode === undefined && tell(error.message, 1));
