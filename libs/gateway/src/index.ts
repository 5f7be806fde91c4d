export type { GatewayLimits } from './gateway-options.js';
export { gatewaySettings, gatewaySettingsOf } from './gateway-settings.js';
export { startGateway } from './start-gateway.js';
export type { RunningGateway, StartGatewayOptions } from './start-gateway.js';
