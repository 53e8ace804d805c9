// swift-tools-version: 6.2
import PackageDescription

// A room is a target. A target imports only what stands here, so the walls of ARCHITECTURE.md are kept by the compiler.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "postern",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "postern", targets: ["postern"]),
        .library(
            name: "PosternClient",
            targets: ["PosternClient", "PosternMail", "PosternSMTP", "PosternSASL", "PosternConnection"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Without its readers of configuration files and environment: ours has one.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(
            name: "PosternMail",
            dependencies: [.product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict
        ),
        .target(
            name: "PosternSMTP",
            dependencies: ["PosternMail", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict
        ),
        .target(
            name: "CPosternCrypt",
            linkerSettings: [.linkedLibrary("crypt")]
        ),
        .target(name: "CPosternHeap"),
        .target(
            name: "PosternSASL",
            dependencies: [
                "CPosternCrypt",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PosternCertificates",
            dependencies: [
                "PosternMail",
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PosternIdentity",
            dependencies: ["PosternMail", "PosternSASL", "PosternCertificates"],
            swiftSettings: strict
        ),
        .target(
            name: "PosternSubmission",
            dependencies: [
                "PosternMail", "PosternSMTP", "PosternSASL", "PosternCertificates", "PosternIdentity",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PosternQueue",
            dependencies: [
                "PosternMail",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PosternConnection",
            dependencies: [
                "PosternSMTP",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PosternClient",
            dependencies: [
                "PosternMail", "PosternSMTP", "PosternSASL", "PosternConnection",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PosternDelivery",
            dependencies: [
                "PosternMail", "PosternQueue", "PosternConnection", "PosternClient",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        // Not on PosternClient: who asks a server what it does must have no code that sends content.
        .target(
            name: "PosternProbe",
            dependencies: [
                "PosternMail", "PosternSMTP", "PosternSASL", "PosternCertificates", "PosternConnection",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ],
            resources: [.embedInCode("Resources/mail-programs.json")],
            swiftSettings: strict
        ),
        .target(
            name: "PosternSend",
            dependencies: [
                "PosternMail", "PosternSMTP", "PosternSASL", "PosternConnection", "PosternClient",
                "PosternConfiguration",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PosternServer",
            dependencies: [
                "PosternSubmission", "PosternQueue",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PosternConfiguration",
            dependencies: [.product(name: "Yams", package: "Yams")],
            swiftSettings: strict
        ),
        .target(
            name: "PosternAdmin",
            dependencies: [
                "PosternMail", "PosternQueue",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "postern",
            dependencies: [
                "CPosternHeap", "PosternMail", "PosternSMTP", "PosternSASL", "PosternCertificates", "PosternIdentity",
                "PosternSubmission", "PosternQueue", "PosternConnection", "PosternClient", "PosternDelivery",
                "PosternProbe", "PosternServer", "PosternAdmin", "PosternConfiguration", "PosternSend",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "postern-load",
            dependencies: [
                "PosternSMTP",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Bench/Load",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "fill-queue",
            dependencies: ["PosternQueue", "PosternMail", .product(name: "NIOCore", package: "swift-nio")],
            path: "Bench/FillQueue",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "client-load",
            dependencies: [
                "PosternClient", "PosternMail",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Bench/Client",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "example-receipt",
            dependencies: [
                "PosternClient",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "examples/Receipt",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "example-batch",
            dependencies: [
                "PosternClient",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "examples/Batch",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "example-smart-card",
            dependencies: [
                "PosternClient",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "examples/SmartCard",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "message-samples",
            dependencies: [
                "PosternClient", "PosternSASL", "PosternMail", .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/MessageSamples",
            swiftSettings: strict
        ),
        .testTarget(
            name: "PosternSASLTests",
            dependencies: [
                "PosternSASL",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PosternTestSupport",
            dependencies: [
                "PosternMail", "PosternCertificates",
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ],
            path: "Tests/PosternTestSupport",
            swiftSettings: strict
        ),
        .testTarget(
            name: "PosternCertificatesTests",
            dependencies: [
                "PosternMail", "PosternCertificates", "PosternTestSupport",
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ],
            exclude: ["Fixtures", "make-fixtures.sh"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PosternMailTests",
            dependencies: ["PosternMail"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PosternSMTPTests",
            dependencies: ["PosternMail", "PosternSMTP", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PosternIdentityTests",
            dependencies: [
                "PosternMail", "PosternSASL", "PosternCertificates", "PosternIdentity", "PosternTestSupport",
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PosternSubmissionHarness",
            dependencies: [
                "PosternMail", "PosternSMTP", "PosternSASL", "PosternCertificates", "PosternIdentity",
                "PosternSubmission", "PosternTestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            path: "Tests/PosternSubmissionHarness",
            swiftSettings: strict
        ),
        .testTarget(
            name: "PosternSubmissionTests",
            dependencies: [
                "PosternMail", "PosternSMTP", "PosternSASL", "PosternIdentity", "PosternSubmission",
                "PosternSubmissionHarness",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PosternConfigurationTests",
            dependencies: ["PosternConfiguration"],
            exclude: ["Broken"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PosternQueueTests",
            dependencies: [
                "PosternQueue", "PosternMail",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PosternClientTests",
            dependencies: [
                "message-samples", "example-smart-card", "PosternClient", "PosternConnection", "PosternSASL",
                "PosternSMTP", "PosternMail", "PosternCertificates",
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["Message/Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PosternProbeTests",
            dependencies: [
                "PosternProbe", "PosternConnection", "PosternSMTP", "PosternMail",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PosternDeliveryTests",
            dependencies: [
                "PosternDelivery", "PosternConnection", "PosternClient", "PosternQueue", "PosternMail",
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PosternAdminTests",
            dependencies: [
                "PosternAdmin", "PosternQueue", "PosternMail", .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PosternSendTests",
            dependencies: [
                "PosternSend", "PosternClient", "PosternConnection", "PosternMail", "PosternSMTP",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PosternServerTests",
            dependencies: ["PosternServer", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "posternTests",
            dependencies: [
                "postern", "PosternMail", "PosternSMTP", "PosternSASL", "PosternCertificates", "PosternIdentity",
                "PosternSubmission", "PosternServer", "PosternDelivery", "PosternQueue", "PosternAdmin",
                "PosternConfiguration", "PosternTestSupport", "PosternSubmissionHarness",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
    ]
)
