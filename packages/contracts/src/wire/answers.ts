/** Answers of a login server as values: undefined when one is not what the protocol promises. For the client. */
import { type GenericSchema, type InferOutput, safeParse } from 'valibot'
import { DeviceAuthorization, Me, TokenResponse, WsToken } from './auth.ts'

function reader<S extends GenericSchema>(schema: S): (value: unknown) => InferOutput<S> | undefined {
  return value => {
    const result = safeParse(schema, value)
    return result.success ? result.output : undefined
  }
}

export const readTokens = reader(TokenResponse)
export const readMe = reader(Me)
export const readDevice = reader(DeviceAuthorization)
export const readWsToken = reader(WsToken)
