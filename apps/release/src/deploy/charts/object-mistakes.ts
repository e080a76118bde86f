import type { KubernetesObject } from '../kubernetes-object.js';
import type { DeploymentTools } from '../tools.js';
import type { Validator } from '../validator.js';
import { restrictedMistakes } from './pod-security.js';

/** What is wrong with each object by itself: by the schema of its kind, and where it runs pods by their security. */
export async function objectMistakes(
  validator: Validator,
  { customSchemas }: Pick<DeploymentTools, 'customSchemas'>,
  objects: readonly KubernetesObject[],
  version: string,
): Promise<string[]> {
  const found = objects.map(async (object) => {
    const schema = customSchemas[object.kind];
    const mistakes = await (schema === undefined
      ? validator.kubernetes(version, object)
      : validator.schema(schema, object));
    const pod = object.spec?.template?.spec;
    return [...mistakes, ...(pod === undefined ? [] : restrictedMistakes(pod))].map(
      (mistake) => `${object.kind} ${object.metadata.name}: ${mistake}`,
    );
  });
  return (await Promise.all(found)).flat();
}
