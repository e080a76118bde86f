import type { CheckStep, Finding } from '@kafka-http-proxy/operate';
import { type Access, scopeOf } from '../given/access.js';
import type { BrokerLook } from '../look/brokers.js';
import { elsewhere } from './elsewhere.js';

/** Names and ports of the bootstrap brokers. */
export function networkSteps(access: Access, all: readonly Access[]): CheckStep[] {
  return [
    { id: 'kafka.dns', ...scopeOf(access), needs: [], look: async () => await judgeNames(access, all) },
    { id: 'kafka.tcp', ...scopeOf(access), needs: ['kafka.dns'], look: async () => await judgePorts(access, all) },
  ];
}

async function judgeNames(access: Access, all: readonly Access[]): Promise<Finding[]> {
  const looks = await access.looks();
  const lost = looks.filter(({ dnsError }) => dnsError !== null);
  if (lost.length === 0)
    return [{ state: 'ok', what: looks.map(({ host, ips }) => `${host} is ${ips[0]}`).join(', ') }];
  const fix = await elsewhere(access, all, lost[0] as BrokerLook);
  return lost.map(({ host, dnsError }) => ({
    state: 'FAIL',
    what: `the name ${host} has no address (${dnsError})`,
    fix,
    blocks: lost.length === looks.length,
  }));
}

async function judgePorts(access: Access, all: readonly Access[]): Promise<Finding[]> {
  const looks = (await access.looks()).filter(({ dnsError }) => dnsError === null);
  const open = looks.filter(({ tcpError }) => tcpError === null);
  const closed = looks.filter(({ tcpError }) => tcpError !== null);
  if (closed.length === 0) {
    return [
      {
        state: 'ok',
        what: open.map(({ address, connectMs }) => `${address} in ${Math.ceil(connectMs)} ms`).join(', '),
      },
    ];
  }
  const fix = await elsewhere(access, all, closed[0] as BrokerLook);
  return closed.map(({ address, tcpError }) => ({
    // One of several brokers may be away: clients go on with the others.
    state: open.length > 0 ? 'warn' : 'FAIL',
    what: `${address} can't be connected to (${tcpError})`,
    fix,
  }));
}
