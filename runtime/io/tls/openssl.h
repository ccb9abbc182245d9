// SPDX-License-Identifier: MIT
// OpenSSL 3, loaded by the first use of TLS: what a program does not use does
// not cost it time to start. Only the headers are needed to build. Macros of
// OpenSSL that call a function are written out where they are used.
#ifndef RILL_RUNTIME_IO_TLS_OPENSSL_H
#define RILL_RUNTIME_IO_TLS_OPENSSL_H

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>

// Of libssl.so.3.
#define SSL_FUNCTIONS(F)                                                       \
  F(OPENSSL_init_ssl)                                                          \
  F(SSL_CIPHER_get_name)                                                       \
  F(SSL_CIPHER_get_version)                                                    \
  F(SSL_CIPHER_standard_name)                                                  \
  F(SSL_CTX_check_private_key)                                                 \
  F(SSL_CTX_ctrl)                                                              \
  F(SSL_CTX_free)                                                              \
  F(SSL_CTX_get_cert_store)                                                    \
  F(SSL_CTX_new)                                                               \
  F(SSL_CTX_sess_set_new_cb)                                                   \
  F(SSL_CTX_set_alpn_select_cb)                                                \
  F(SSL_CTX_set_cert_cb)                                                       \
  F(SSL_CTX_set_cipher_list)                                                   \
  F(SSL_CTX_set_ciphersuites)                                                  \
  F(SSL_CTX_set_client_CA_list)                                                \
  F(SSL_CTX_set_default_verify_paths)                                          \
  F(SSL_CTX_set_keylog_callback)                                               \
  F(SSL_CTX_set_options)                                                       \
  F(SSL_CTX_set_session_id_context)                                            \
  F(SSL_CTX_set_verify)                                                        \
  F(SSL_CTX_use_PrivateKey)                                                    \
  F(SSL_CTX_use_certificate)                                                   \
  F(SSL_SESSION_free)                                                          \
  F(SSL_SESSION_is_resumable)                                                  \
  F(SSL_ctrl)                                                                  \
  F(SSL_do_handshake)                                                          \
  F(SSL_free)                                                                  \
  F(SSL_get0_alpn_selected)                                                    \
  F(SSL_get0_param)                                                            \
  F(SSL_get1_peer_certificate)                                                 \
  F(SSL_get1_session)                                                          \
  F(SSL_get_certificate)                                                       \
  F(SSL_get_current_cipher)                                                    \
  F(SSL_get_error)                                                             \
  F(SSL_get_ex_data)                                                           \
  F(SSL_get_ex_data_X509_STORE_CTX_idx)                                        \
  F(SSL_get_peer_cert_chain)                                                   \
  F(SSL_get_servername)                                                        \
  F(SSL_get_shutdown)                                                          \
  F(SSL_get_verify_result)                                                     \
  F(SSL_get_version)                                                           \
  F(SSL_new)                                                                   \
  F(SSL_read)                                                                  \
  F(SSL_session_reused)                                                        \
  F(SSL_set_SSL_CTX)                                                           \
  F(SSL_set_accept_state)                                                      \
  F(SSL_CTX_set_alpn_protos)                                                   \
  F(SSL_set_bio)                                                               \
  F(SSL_set_connect_state)                                                     \
  F(SSL_set_ex_data)                                                           \
  F(SSL_set_session)                                                           \
  F(SSL_shutdown)                                                              \
  F(SSL_write)                                                                 \
  F(TLS_client_method)                                                         \
  F(TLS_server_method)                                                         \
  F(d2i_SSL_SESSION)                                                           \
  F(i2d_SSL_SESSION)

// Of libcrypto.so.3.
#define CRYPTO_FUNCTIONS(F)                                                    \
  F(ASN1_INTEGER_to_BN)                                                        \
  F(ASN1_STRING_get0_data)                                                     \
  F(ASN1_STRING_length)                                                        \
  F(ASN1_STRING_to_UTF8)                                                       \
  F(ASN1_TIME_print)                                                           \
  F(BIO_clear_flags)                                                           \
  F(BIO_free)                                                                  \
  F(BIO_get_data)                                                              \
  F(BIO_meth_new)                                                              \
  F(BIO_meth_set_ctrl)                                                         \
  F(BIO_meth_set_read)                                                         \
  F(BIO_meth_set_write)                                                        \
  F(BIO_new)                                                                   \
  F(BIO_new_mem_buf)                                                           \
  F(BIO_read)                                                                  \
  F(BIO_s_mem)                                                                 \
  F(BIO_set_data)                                                              \
  F(BIO_set_flags)                                                             \
  F(BIO_set_init)                                                              \
  F(BN_bn2hex)                                                                 \
  F(BN_free)                                                                   \
  F(CRYPTO_free)                                                               \
  F(ERR_clear_error)                                                           \
  F(ERR_lib_error_string)                                                      \
  F(ERR_peek_error)                                                            \
  F(ERR_peek_last_error)                                                       \
  F(ERR_reason_error_string)                                                   \
  F(EVP_PKEY_free)                                                             \
  F(EVP_PKEY_get_bits)                                                         \
  F(EVP_sha1)                                                                  \
  F(EVP_sha256)                                                                \
  F(EVP_sha512)                                                                \
  F(GENERAL_NAMES_free)                                                        \
  F(OBJ_nid2sn)                                                                \
  F(OBJ_obj2nid)                                                               \
  F(OBJ_obj2txt)                                                               \
  F(OPENSSL_sk_new_null)                                                       \
  F(OPENSSL_sk_num)                                                            \
  F(OPENSSL_sk_pop_free)                                                       \
  F(OPENSSL_sk_push)                                                           \
  F(OPENSSL_sk_value)                                                          \
  F(PEM_read_bio_PrivateKey)                                                   \
  F(PEM_read_bio_X509)                                                         \
  F(PEM_read_bio_X509_AUX)                                                     \
  F(PEM_read_bio_X509_CRL)                                                     \
  F(PKCS12_free)                                                               \
  F(PKCS12_parse)                                                              \
  F(X509_CRL_free)                                                             \
  F(X509_NAME_ENTRY_get_data)                                                  \
  F(X509_NAME_ENTRY_get_object)                                                \
  F(X509_NAME_dup)                                                             \
  F(X509_NAME_entry_count)                                                     \
  F(X509_NAME_free)                                                            \
  F(X509_NAME_get_entry)                                                       \
  F(X509_STORE_CTX_get_current_cert)                                           \
  F(X509_STORE_CTX_get_error)                                                  \
  F(X509_STORE_CTX_get_ex_data)                                                \
  F(X509_STORE_add_cert)                                                       \
  F(X509_STORE_add_crl)                                                        \
  F(X509_STORE_set_flags)                                                      \
  F(X509_VERIFY_PARAM_set1_host)                                               \
  F(X509_VERIFY_PARAM_set1_ip_asc)                                             \
  F(X509_VERIFY_PARAM_set_hostflags)                                           \
  F(X509_check_ca)                                                             \
  F(X509_digest)                                                               \
  F(X509_free)                                                                 \
  F(X509_get0_notAfter)                                                        \
  F(X509_get0_notBefore)                                                       \
  F(X509_get_ext_d2i)                                                          \
  F(X509_get_issuer_name)                                                      \
  F(X509_get_pubkey)                                                           \
  F(X509_get_serialNumber)                                                     \
  F(X509_get_subject_name)                                                     \
  F(X509_up_ref)                                                               \
  F(X509_verify_cert_error_string)                                             \
  F(d2i_PKCS12_bio)                                                            \
  F(i2d_PUBKEY)                                                                \
  F(i2d_X509)

typedef struct OpenSsl {
#define F(name) __typeof__(&name) name;
  SSL_FUNCTIONS(F)
  CRYPTO_FUNCTIONS(F)
#undef F
} OpenSsl;
// The functions, once tls_load() has said that they are there.
extern OpenSsl openssl;
// Any thread. False: the system has no OpenSSL 3.
bool tls_load(void);

#endif
