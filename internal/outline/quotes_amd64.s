#include "textflag.h"

// func mapBlocksAVX2(b *byte, blocks int, words *uint64) (slash, control, wide uint32)
TEXT ·mapBlocksAVX2(SB), NOSPLIT, $0-36
	MOVQ b+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ words+16(FP), DI
	MOVL $0x22, AX // quote
	VMOVQ AX, X0
	VPBROADCASTB X0, Y0
	MOVL $0x5C, AX // backslash
	VMOVQ AX, X1
	VPBROADCASTB X1, Y1
	MOVL $0x1F, AX // the last control character
	VMOVQ AX, X2
	VPBROADCASTB X2, Y2
	VPXOR Y3, Y3, Y3 // backslashes met
	VPXOR Y4, Y4, Y4 // all bytes met, by or
	VPXOR Y11, Y11, Y11 // control characters met

block:
	VMOVDQU (SI), Y5
	VMOVDQU 32(SI), Y6
	VPCMPEQB Y0, Y5, Y7
	VPCMPEQB Y0, Y6, Y8
	VPMOVMSKB Y7, AX
	VPMOVMSKB Y8, BX
	SHLQ $32, BX
	ORQ AX, BX
	MOVQ BX, (DI)
	VPCMPEQB Y1, Y5, Y7
	VPCMPEQB Y1, Y6, Y8
	VPMINUB Y2, Y5, Y9
	VPMINUB Y2, Y6, Y10
	VPCMPEQB Y5, Y9, Y9
	VPCMPEQB Y6, Y10, Y10
	VPOR Y7, Y3, Y3
	VPOR Y9, Y11, Y11
	VPOR Y8, Y3, Y3
	VPOR Y10, Y11, Y11
	VPOR Y5, Y4, Y4
	VPOR Y6, Y4, Y4
	ADDQ $64, SI
	ADDQ $8, DI
	DECQ CX
	JNZ block

	VPMOVMSKB Y3, AX
	VPMOVMSKB Y11, BX
	VPMOVMSKB Y4, CX
	VZEROUPPER
	MOVL AX, slash+24(FP)
	MOVL BX, control+28(FP)
	MOVL CX, wide+32(FP)
	RET
