/** What tests use of build.mjs. */
export declare function buildPayload(): Promise<string>
