/** What the OpenAPI document says beside paths and schemas. */
export const documentHead = {
  openapi: '3.1.0',
  info: {
    title: 'FlowReasoner',
    version: '1.0.0',
    description:
      'Answers queries by multi-agent systems designed for each of them. Paths under /v1 speak the protocol of OpenAI; paths under /api/v1 are about runs.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
};
