import { expect, it } from 'vitest';
import { brokerFailure, describeFailure } from './broker-failure.js';

it.each([
  [
    'FAIL [thrd:sasl_ssl://127.0.0.1:9094/bootstrap]: sasl_ssl://127.0.0.1:9094/bootstrap: SASL authentication error: Authentication failed: Invalid username or password (after 12ms in state AUTH_REQ)',
    {
      broker: '127.0.0.1:9094',
      kind: 'login',
      reason: 'SASL authentication error: Authentication failed: Invalid username or password',
    },
  ],
  [
    'FAIL [thrd:ssl://kafka-1.example:9093/1]: ssl://kafka-1.example:9093/1: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not be verified (after 4ms in state SSL_HANDSHAKE)',
    {
      broker: 'kafka-1.example:9093',
      kind: 'tls',
      reason: 'SSL handshake failed: certificate verify failed: broker certificate could not be verified',
    },
  ],
  [
    'FAIL [thrd:GroupCoordinator]: GroupCoordinator: 127.0.0.1:9093: Connect to ipv4#127.0.0.1:9093 failed: Connection refused (after 0ms in state CONNECT, 1 identical error(s) suppressed)',
    {
      broker: '127.0.0.1:9093',
      kind: 'connection',
      reason: 'Connect to ipv4#127.0.0.1:9093 failed: Connection refused',
    },
  ],
  [
    'FAIL [thrd:[::1]:9092/bootstrap]: [::1]:9092/bootstrap: Disconnected: verify that security.protocol is correctly configured, broker might require SASL authentication (after 9ms in state UP)',
    {
      broker: '[::1]:9092',
      kind: 'connection',
      reason:
        'Disconnected: verify that security.protocol is correctly configured, broker might require SASL authentication',
    },
  ],
])('reads %s', (line, failure) => {
  expect(brokerFailure(line)).toEqual(failure);
});

it('leaves other lines alone', () => {
  expect(brokerFailure('REQTMOUT [thrd:x]: x/1: Timed out 1 in-flight')).toBeNull();
});

it('says who could not log in, what to look at, and no secret', () => {
  const properties = {
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': 'PLAIN',
    'sasl.username': 'orders',
    'sasl.password': 'hunter2',
  };
  const failure = { broker: 'kafka:9094', kind: 'login', reason: 'Authentication failed' } as const;
  expect(describeFailure(failure, properties)).toBe(
    'broker kafka:9094 refuses the PLAIN login of orders: Authentication failed. Check sasl.mechanism, sasl.username and sasl.password',
  );
});
