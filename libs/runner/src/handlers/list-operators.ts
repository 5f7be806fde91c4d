import type {
  ListOperatorsRequest,
  ListOperatorsResponse,
  Operator as OperatorMessage,
} from '@flowreasoner/contracts/workflow';
import { encodePageToken, readPage } from '@flowreasoner/rpc';
import { OPERATORS, type OperatorSignature } from '@flowreasoner/workflow';

/** Greatest number of operators on a page. */
const MAX_PAGE = 100;

/**
 * Answers ListOperators, by name.
 *
 * @throws FlowError INVALID_ARGUMENT for a token that is not ours
 */
export function handleListOperators(request: ListOperatorsRequest): ListOperatorsResponse {
  const { size, after } = readPage(request, 'operators', { maxSize: MAX_PAGE });
  const rest = [...OPERATORS.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .filter(({ name }) => after === undefined || name > after);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  const nextPageToken =
    rest.length > size && last !== undefined ? encodePageToken(last.name, 'operators') : '';
  return { operators: page.map(toMessage), nextPageToken };
}

function toMessage(signature: OperatorSignature): OperatorMessage {
  const { least, greatest } = signature.modelCalls({});
  return {
    name: signature.name,
    description: signature.description,
    parameters: signature.parameters.map((parameter) => ({ ...parameter })),
    resultFields: [...signature.resultFields],
    leastModelCalls: least,
    greatestModelCalls: greatest,
  };
}
