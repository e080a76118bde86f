/** A topic as KAFKA_TOPICS spells it, before the schema has seen it: keys as in the file. */
export type TopicFields = Readonly<Record<string, string | number>>;

/** What KAFKA_TOPICS said, and a sentence for each entry that could not be read. */
export interface KafkaTopics {
  readonly topics: readonly TopicFields[];
  /** The entry's name, for each of `topics`. */
  readonly names: readonly string[];
  readonly mistakes: readonly string[];
}

const SHAPE = 'name:request_topic,response_topic,backend_url[,timeout[,max_retries[,rate_limit]]]';

/**
 * Reads KAFKA_TOPICS: entries separated by `;`, each split at its first `:` only, so that URLs work.
 * An entry's consumer group is CONSUMER_GROUP_<NAME>, or processor-<name> as in 1.0.1, so that the
 * offsets committed under 1.0.1 go on counting.
 *
 * @param environment where CONSUMER_GROUP_<NAME> is looked up; characters of the name that no
 *   variable can have are underscores there
 */
export function parseKafkaTopics(text: string, environment: Readonly<Record<string, string | undefined>>): KafkaTopics {
  const topics: TopicFields[] = [];
  const names: string[] = [];
  const mistakes: string[] = [];
  for (const entry of text.split(';').map((part) => part.trim())) {
    if (entry === '') continue;
    const colon = entry.indexOf(':');
    const name = entry.slice(0, Math.max(colon, 0)).trim();
    const parts = entry
      .slice(colon + 1)
      .split(',')
      .map((part) => part.trim());
    const [request, response, backend, timeout, retries, rate, ...rest] = parts;
    if (name === '' || !request || !backend || rest.length > 0) {
      mistakes.push(`${SHAPE} was expected, "${entry}" was found`);
      continue;
    }
    const variable = `CONSUMER_GROUP_${name.toUpperCase()}`;
    const group = environment[variable] ?? environment[variable.replace(/[^A-Z0-9]/g, '_')] ?? `processor-${name}`;
    names.push(name);
    topics.push({
      request_topic: request,
      ...(response ? { response_topic: response } : {}),
      backend_url: backend,
      consumer_group: group,
      ...numeric('timeout', timeout),
      ...numeric('max_retries', retries),
      ...numeric('rate_limit', rate),
    });
  }
  return { topics, names, mistakes };
}

/** A number where the text is one; else the text, for the schema to refuse with its own sentence. */
function numeric(name: string, text: string | undefined): TopicFields {
  if (text === undefined || text === '') return {};
  const value = Number(text);
  return { [name]: Number.isNaN(value) ? text : value };
}
