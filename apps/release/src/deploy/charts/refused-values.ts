/** Values that a chart must refuse, and a word of what is said. */
export interface Refused {
  readonly what: string;
  /** Of `helm --set`. */
  readonly values: readonly string[];
  readonly word: string;
}

const refused = (what: string, values: readonly string[], word: string): Refused => ({ what, values, word });

/** By chart. */
export const REFUSED: Readonly<Record<'proxy' | 'processor', readonly Refused[]>> = {
  proxy: [
    refused('a key that does not exist', ['replica=3'], 'replica'),
    refused('a variable that the chart sets', ['env.SHUTDOWN_GRACE=90'], 'env'),
    refused('a kind that it is not made for', ['kind=DaemonSet'], 'kind'),
    refused('no management port', ['config.management_port=0'], 'management_port'),
    refused('no image', ['image.repository='], 'image.repository is not set'),
    refused('a key that the proxy does not know', ['config.prot=1'], "'prot'"),
    refused('a value that the proxy would refuse', ['config.wire=v3'], '/config/wire'),
    refused('root', ['securityContext.runAsUser=0'], 'runAsUser'),
    refused(
      'an alert that is none',
      ['prometheusRule.enabled=true', 'prometheusRule.disabled={KafkaHttpProxyNone}'],
      'KafkaHttpProxyNone is no alert of this chart',
    ),
  ],
  processor: [
    refused('a key that does not exist', ['kind=StatefulSet'], 'kind'),
    refused('two autoscalers', ['autoscaling.enabled=true', 'keda.enabled=true'], 'exclude'),
    refused('no topics', ['config.topics=null'], 'topics'),
    refused('no image', ['image.repository='], 'image.repository is not set'),
    refused('a key that the processor does not know', ['config.kafka.propertees.a=1'], "'propertees'"),
    refused('a key of a topic that it does not know', ['config.topics[0].tiemout=1'], "'tiemout'"),
    refused('root', ['securityContext.runAsUser=0'], 'runAsUser'),
    refused(
      'an alert that is none',
      ['prometheusRule.enabled=true', 'prometheusRule.disabled={KafkaHttpProxyNone}'],
      'KafkaHttpProxyNone is no alert of this chart',
    ),
    refused('a lag that is no queue', ['keda.enabled=true', 'keda.lagThreshold=99'], 'keda.lagThreshold 99 is below'),
    refused('one name for several pods', ['config.kafka.properties.group\\.instance\\.id=a'], 'group.instance.id "a"'),
    refused(
      'a lag that more requests made none',
      ['keda.enabled=true', 'keda.lagThreshold=150', 'config.max_concurrent_requests=200'],
      'max_concurrent_requests 200',
    ),
  ],
};
