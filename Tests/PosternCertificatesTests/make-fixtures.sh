#!/bin/sh
# Makes Fixtures/: certificates that our own builder cannot make or should not be the only one to make, by openssl.
# Needs openssl 3. The private keys are thrown away. Run from anywhere; the dates are fixed, the keys are not.
set -eu
out=$(cd "$(dirname "$0")" && pwd)/Fixtures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
rm -f "$out"/*
cd "$work"
start=20260101000000Z
end=20360101000000Z

cat > ca.cnf <<'CONFIG'
[ca]
default_ca = test
[test]
dir = .
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
email_in_dn = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[v3_ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[v3_client]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
subjectAltName = email:alice@example.org
[crl]
authorityKeyIdentifier = keyid
CONFIG
: > index.txt
echo 1000 > serial
echo 01 > crlnumber

# name, options of genpkey
key() {
    name=$1
    shift
    openssl genpkey -quiet "$@" -out "$name.key"
}

# subject's key, authority, section, options: a certificate as $1.pem
issue() {
    name=$1 authority=$2 section=$3
    shift 3
    openssl req -new -config ca.cnf -key "$name.key" -subj "/CN=$name" -out "$name.csr" 2> /dev/null
    if [ "$authority" = self ]; then
        set -- -selfsign -keyfile "$name.key" "$@"
    else
        set -- -cert "$authority.pem" -keyfile "$authority.key" "$@"
    fi
    openssl ca -batch -notext -config ca.cnf -extensions "$section" -startdate $start -enddate $end "$@" \
        -in "$name.csr" -out "$name.pem" 2> log || { cat log; exit 1; }
    cp "$name.pem" "$out/"
}

key ca -algorithm EC -pkeyopt ec_paramgen_curve:P-256
issue ca self v3_ca
key rsa-ca -algorithm RSA -pkeyopt rsa_keygen_bits:2048
issue rsa-ca self v3_ca
key weak-ca -algorithm RSA -pkeyopt rsa_keygen_bits:1024
issue weak-ca self v3_ca

for curve in P-256 P-384 P-521 P-224 secp256k1; do
    name=$(echo "$curve" | tr -d - | tr A-Z a-z)
    key "$name" -algorithm EC -pkeyopt "ec_paramgen_curve:$curve"
    issue "$name" ca v3_client
done
key ed25519 -algorithm ED25519
issue ed25519 ca v3_client
key ed448 -algorithm ED448
issue ed448 ca v3_client
for bits in 1024 2048 4096 8192; do
    key rsa$bits -algorithm RSA -pkeyopt rsa_keygen_bits:$bits
    issue rsa$bits ca v3_client
done
for digest in sha1 md5; do
    key $digest -algorithm EC -pkeyopt ec_paramgen_curve:P-256
    issue $digest rsa-ca v3_client -md $digest
done
key pss -algorithm EC -pkeyopt ec_paramgen_curve:P-256
issue pss rsa-ca v3_client -sigopt rsa_padding_mode:pss
key rsa-signed -algorithm EC -pkeyopt ec_paramgen_curve:P-256
issue rsa-signed rsa-ca v3_client

# What `openssl req -x509` makes by itself: an authority, without any usage.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=self-signed -days 36500 \
    -keyout self-signed.key -out "$out/self-signed.pem" 2> /dev/null

# p384 is revoked, p256 is not.
openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -revoke p384.pem 2> /dev/null
openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -gencrl -crlexts crl \
    -crl_lastupdate $start -crl_nextupdate $end -out "$out/ca.crl" 2> log || { cat log; exit 1; }
ls "$out"
