export { isOurHost } from './host-header.ts'
export { listen } from './listen.ts'
export { urlHost } from './url-host.ts'
