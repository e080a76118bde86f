import type { CheckStep } from '@kafka-http-proxy/operate';
import type { Host } from '../../operator/host.js';
import type { Access, Loaded } from '../given/access.js';
import type { CheckFlags } from '../given/flags.js';
import { accessSteps } from './access.js';
import { clusterSteps } from './cluster.js';
import { configSteps } from './config.js';
import { groupSteps } from './groups.js';
import { networkSteps } from './network.js';
import { probeSteps } from './probe.js';
import { servedSteps } from './served.js';
import { serviceSteps } from './services.js';
import { tlsSteps } from './tls.js';
import { topicSteps } from './topics.js';

/** All checks, in their order: what is nearest first. */
export function allSteps(loaded: Loaded, flags: CheckFlags, host: Host): CheckStep[] {
  const of = (make: (access: Access) => CheckStep[]) => loaded.accesses.flatMap(make);
  const kafka = [
    ...of((access) => networkSteps(access, loaded.accesses)),
    ...of((access) => tlsSteps(access, loaded.accesses, flags)),
    ...of((access) => clusterSteps(access)),
    ...of((access) => topicSteps(access, flags)),
    ...of((access) => accessSteps(access)),
    ...of((access) => groupSteps(access, loaded, flags, host)),
    ...(flags.probe === true ? of((access) => probeSteps(access)) : []),
  ];
  return [
    ...configSteps(loaded),
    ...servedSteps(loaded, flags),
    ...(loaded.accesses.length === 0 ? [nothingOfKafka()] : kafka),
    ...serviceSteps(flags),
  ];
}

/** Without a configuration nothing says where Kafka is. */
function nothingOfKafka(): CheckStep {
  return { id: 'kafka.dns', needs: ['config.load'], look: () => [] };
}
