/** Version of the command line and of the embedded services; both must agree. */
export const VERSION = '0.1.0';
