@_exported public import enum PosternConnection.ClientStep
// What a program that sends mail names, so that it imports this module alone.
@_exported public import struct PosternConnection.ClientTimeouts
@_exported public import struct PosternConnection.ClientTrust
@_exported public import enum PosternConnection.ClientTrustFault
@_exported public import struct PosternConnection.ServerCapabilities
@_exported public import struct PosternMail.Envelope
@_exported public import struct PosternMail.Mailbox
@_exported public import struct PosternMail.Recipient
@_exported public import enum PosternMail.ReversePath
@_exported public import struct PosternSASL.Secret
@_exported public import struct PosternSMTP.EnhancedCode
@_exported public import struct PosternSMTP.Reply
