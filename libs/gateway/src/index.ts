export { defaultGatewayLimits } from './gateway-options.js';
export type { GatewayLimits } from './gateway-options.js';
export { startGateway } from './start-gateway.js';
export type { RunningGateway, StartGatewayOptions } from './start-gateway.js';
